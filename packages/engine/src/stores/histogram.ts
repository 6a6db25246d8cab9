/**
 * Log-spaced bins: each is 2 % wide, so a percentile read from them is off by at most 1 %. They add and subtract, which
 * exact percentiles do not.
 */
const gamma = 1.02
const logGamma = Math.log(gamma)
/** Below one microsecond a duration counts as zero and falls into bin 0. */
const leastMs = 0.001
const offset = 1 - Math.ceil(Math.log(leastMs) / logGamma)
/** Durations beyond about thirty years share the last bin. */
export const binCount = 2_000

/** A sparse histogram: bin → how many. */
export type Bins = Map<number, number>

export function binOf(durationMs: number): number {
  if (!(durationMs >= leastMs)) return 0
  return Math.min(binCount - 1, Math.max(1, Math.ceil(Math.log(durationMs) / logGamma) + offset))
}

/** The duration that stands for everything in a bin. */
export function valueOf(bin: number): number {
  return bin === 0 ? 0 : (2 * gamma ** (bin - offset)) / (gamma + 1)
}

export function addToBin(bins: Bins, bin: number, amount: number): void {
  const count = (bins.get(bin) ?? 0) + amount
  if (count === 0) bins.delete(bin)
  else bins.set(bin, count)
}

/** As bytes: pairs of (distance to the bin before, count), both as variable-length numbers; null when empty. */
export function encodeBins(bins: Bins): Uint8Array | null {
  const bytes: number[] = []
  let before = 0
  for (const [bin, count] of [...bins].sort(([a], [b]) => a - b)) {
    if (count <= 0) continue
    pushNumber(bytes, bin - before)
    pushNumber(bytes, count)
    before = bin
  }
  return bytes.length === 0 ? null : Uint8Array.from(bytes)
}

export function decodeBins(bytes: Uint8Array | null): Bins {
  const bins: Bins = new Map()
  readBins(bytes, (bin, count) => addToBin(bins, bin, count))
  return bins
}

/** Calls `take` for each bin in rising order without building anything. */
export function readBins(bytes: Uint8Array | null, take: (bin: number, count: number) => void): void {
  if (bytes === null) return
  let position = 0
  let bin = 0
  const next = () => {
    let value = 0
    let scale = 1
    let byte = 0x80
    while (byte >= 0x80 && position < bytes.length) {
      byte = bytes[position++] as number
      value += (byte & 0x7f) * scale
      scale *= 128
    }
    return value
  }
  while (position < bytes.length) {
    bin += next()
    take(bin, next())
  }
}

function pushNumber(bytes: number[], value: number): void {
  let rest = value
  while (rest >= 128) {
    bytes.push((rest % 128) | 0x80)
    rest = Math.floor(rest / 128)
  }
  bytes.push(rest)
}
