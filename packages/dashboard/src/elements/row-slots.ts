/** Which row of the page's tree shows a task, by its id. */
export type RowSlots = ReadonlyMap<string, number>

/**
 * Rows that stay keep their place in the tree; what is gone hands its place to what is new, because to fill a row costs much
 * less than to make one. The place of `keptId`, which may have the focus, is handed to nobody. Pure.
 */
export function assignSlots(before: RowSlots, ids: readonly string[], keptId: string | null): RowSlots {
  const staying = new Set(ids)
  const free = [...before].filter(([id]) => !staying.has(id) && id !== keptId).map(([, slot]) => slot)
  let next = Math.max(-1, ...before.values()) + 1
  return new Map(ids.map((id) => [id, before.get(id) ?? free.shift() ?? next++]))
}
