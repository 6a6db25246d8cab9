/**
 * How many of each are looked at when there is room for so many in all: what one does not need others have, and nobody gets
 * more than a fair part before everybody has what he needs. Pure.
 */
export function sharesOf(counts: readonly number[], room: number): readonly number[] {
  const shares = counts.map(() => 0)
  const rising = counts.map((count, index) => ({ count, index })).sort((a, b) => a.count - b.count)
  let left = room
  for (const [position, { count, index }] of rising.entries()) {
    const fair = Math.floor(left / (rising.length - position))
    shares[index] = Math.min(count, fair)
    left -= shares[index]
  }
  return shares
}
