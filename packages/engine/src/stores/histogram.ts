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

/** The greatest value that falls into a bin. */
function edgeOf(bin: number): number {
  return bin === 0 ? 0 : gamma ** (bin - offset)
}

/** One bar over neighbouring bins: above `fromMs` and up to `toMs`. */
interface Bar {
  readonly fromMs: number
  readonly toMs: number
  readonly count: number
}

/** Puts neighbouring bins together, the same number of them into each bar, so that there are at most `most` bars. */
export function barsOf(bins: Float64Array, most: number): readonly Bar[] {
  const first = bins.findIndex((count) => count > 0)
  if (first < 0) return []
  const last = bins.findLastIndex((count) => count > 0)
  const zero: readonly Bar[] = first === 0 ? [{ fromMs: 0, toMs: 0, count: bins[0] ?? 0 }] : []
  const start = first === 0 ? bins.findIndex((count, bin) => bin > 0 && count > 0) : first
  if (start < 0) return zero
  const width = Math.ceil((last - start + 1) / (most - zero.length))
  const bars = Array.from({ length: Math.ceil((last - start + 1) / width) }, (_, index): Bar => {
    const from = start + index * width
    const count = bins.subarray(from, from + width).reduce((sum, amount) => sum + amount, 0)
    return { fromMs: edgeOf(from - 1), toMs: edgeOf(from + width - 1), count }
  })
  return [...zero, ...bars]
}

export function addToBin(bins: Bins, bin: number, amount: number): void {
  const count = (bins.get(bin) ?? 0) + amount
  if (count === 0) bins.delete(bin)
  else bins.set(bin, count)
}

/** Counts by bin while two histograms are added; all zero in between. */
const sums = new Float64Array(binCount)

/**
 * Adds changes to a histogram that is kept as text: pairs of (distance to the bin before, count), each number in base
 * 32, least digit first, one letter per digit; null when empty. Plain letters because SQLite hands text over many times
 * faster than blobs.
 */
export function addBins(stored: string | null, changes: Bins): string | null {
  if (changes.size === 0) return stored
  const add = (bin: number, count: number): void => {
    sums[bin] = (sums[bin] ?? 0) + count
  }
  readBins(stored, add)
  changes.forEach((count, bin) => add(bin, count))
  return takeSums()
}

function takeSums(): string | null {
  let text = ''
  let before = 0
  for (let bin = 0; bin < binCount; bin += 1) {
    const count = sums[bin] ?? 0
    if (count === 0) continue
    sums[bin] = 0
    if (count < 0) continue
    text += encodeNumber(bin - before) + encodeNumber(count)
    before = bin
  }
  return text === '' ? null : text
}

/**
 * Calls `take` for each bin of one text, or of several joined by `binsSeparator`, without building anything. What a text of
 * {@link changedBins} takes away has negative counts.
 */
export function readBins(text: string | null, take: (bin: number, count: number) => void): void {
  if (text === null) return
  let bin = 0
  let value = 0
  let scale = 1
  let isCount = false
  let sign = 1
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - firstLetter
    if (digit >= signMark) {
      sign = digit === signMark ? -1 : 1
      bin = 0
      continue
    }
    value += (digit & 31) * scale
    if (digit >= 32) {
      scale *= 32
      continue
    }
    if (isCount) take(bin, sign * value)
    else bin += value
    isCount = !isCount
    value = 0
    scale = 1
  }
}

/**
 * Changes of a histogram as text, for {@link readBins}: what is added, and behind `signSeparator` what is taken away,
 * each in the letters of a histogram; null when nothing changes. A row of `rollup_changes` keeps its bins so.
 */
export function changedBins(changes: Bins): string | null {
  if (changes.size === 0) return null
  const added: Bins = new Map()
  const taken: Bins = new Map()
  for (const [bin, count] of changes) {
    if (count > 0) added.set(bin, count)
    else taken.set(bin, -count)
  }
  const text = addBins(null, added) ?? ''
  return taken.size === 0 ? text : text + signSeparator + (addBins(null, taken) ?? '')
}

const signSeparator = '|'

/** Joins the texts of several histograms; it is none of their letters. */
export const binsSeparator = '~'

/** Letters from `0` on; the upper 32 say that another digit follows. */
const firstLetter = 48
/** From here on a letter is none of a number: `signSeparator` first, then `binsSeparator`. */
const signMark = 124 - firstLetter

function encodeNumber(value: number): string {
  if (value < 32) return letters[value] ?? ''
  return (letters[32 + (value % 32)] ?? '') + encodeNumber(Math.floor(value / 32))
}

const letters = Array.from({ length: 64 }, (_, digit) => String.fromCharCode(firstLetter + digit))
