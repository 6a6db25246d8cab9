const durationSteps = [
  1, 2, 4, 10, 20, 40, 100, 200, 400, 1_000, 2_000, 4_000, 10_000, 20_000, 40_000, 60_000, 120_000, 240_000, 600_000,
  1_200_000, 2_400_000, 3_600_000, 7_200_000, 14_400_000, 28_800_000, 43_200_000, 86_400_000,
]

/** The end of an axis that holds `most`: a round number whose half is one, too. */
export function roundTop(most: number, scale: 'count' | 'duration'): number {
  if (scale === 'duration') {
    const step = durationSteps.find((candidate) => candidate >= most)
    if (step !== undefined) return step
  }
  if (most <= 2) return 2
  const unit = 10 ** Math.floor(Math.log10(most))
  return (
    ((unit < 10 ? [1, 2, 4, 6, 8, 10] : [1, 1.5, 2, 3, 4, 6, 8, 10]).find((factor) => factor * unit >= most) ?? 10) *
    unit
  )
}

/** A round duration without what it does not need: `1 s` for `1.0 s`, `20m` for `20m 0s`. Digits may be those of any language. */
export function roundWords(text: string): string {
  return text.replace(/[.,٫][0٠](?=\s)/u, '').replace(/(?<=\p{L})\s[0٠]\p{L}+$/u, '')
}

const minuteMs = 60_000
const timeSteps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 7_200, 10_080, 20_160].map(
  (minutes) => minutes * minuteMs,
)

/** Round instants between two, no more than `most`: full hours where hours are meant. `offsetMs` is how far the clocks are before UTC. */
export function roundInstants(since: number, until: number, most: number, offsetMs: number): readonly number[] {
  const step = timeSteps.find((candidate) => (until - since) / candidate <= most) ?? (until - since) / most
  const first = Math.ceil((since + offsetMs) / step) * step - offsetMs
  const count = Math.max(0, Math.floor((until - first) / step) + 1)
  return Array.from({ length: count }, (_, index) => first + index * step)
}
