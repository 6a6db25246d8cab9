/** Where a value stands, and at which values there are marks. */
export interface Scale {
  at(value: number): number
  readonly marks: readonly number[]
}

/** From zero, or a little below the least of values that are all far from it, to a little above the greatest. */
export function linearScale(values: readonly number[], from: number, to: number): Scale {
  const greatest = Math.max(...values, 0)
  const step = niceStep(greatest / 5)
  const end = Math.max(step, Math.ceil(greatest / step) * step)
  const count = Math.round(end / step)
  return {
    at: (value) => from + (value / end) * (to - from),
    marks: Array.from({ length: count + 1 }, (_, index) => index * step),
  }
}

/** Powers of ten, from the one below the least value to the one above the greatest. */
export function logScale(values: readonly number[], from: number, to: number): Scale {
  const positive = values.filter((value) => value > 0)
  const least = Math.floor(Math.log10(Math.min(...positive)))
  const greatest = Math.max(least + 1, Math.ceil(Math.log10(Math.max(...positive))))
  return {
    at: (value) => from + ((Math.log10(value) - least) / (greatest - least)) * (to - from),
    marks: Array.from({ length: greatest - least + 1 }, (_, index) => 10 ** (least + index)),
  }
}

/** 1, 2 or 5 times a power of ten, not less. */
function niceStep(least: number): number {
  if (least <= 0) return 1
  const power = 10 ** Math.floor(Math.log10(least))
  return ([1, 2, 5, 10].find((digit) => digit * power >= least * 0.999) ?? 10) * power
}
