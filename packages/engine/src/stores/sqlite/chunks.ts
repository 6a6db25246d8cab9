import type { Creation, Transition } from '../../core/record.ts'
import type { Write } from '../store.ts'
import { endsPlainly, startsPlainly } from '../attempts.ts'
import { isPlain, rowsAtOnce } from './row-insert.ts'
import { changeOf, isSameChange, type RowChange } from './row-update.ts'

/** Neighbours of a batch that one statement can write. */
type Several =
  | { readonly kind: 'inserts'; readonly writes: readonly Creation[] }
  | { readonly kind: 'updates'; readonly writes: readonly Transition[]; readonly change: RowChange }
  | { readonly kind: 'starts'; readonly writes: readonly Transition[] }
export type Chunk = { readonly kind: 'one'; readonly write: Write } | Several

const maxUpdates = 500

/** Splits a batch, keeping its order. */
export function chunksOf(batch: readonly Write[]): readonly Chunk[] {
  const chunks: Chunk[] = []
  for (let index = 0; index < batch.length;) {
    const chunk = severalAt(batch, index) ?? { kind: 'one', write: batch[index] as Write }
    chunks.push(chunk)
    index += chunk.kind === 'one' ? 1 : chunk.writes.length
  }
  return chunks
}

function severalAt(batch: readonly Write[], start: number): Several | null {
  const first = batch[start]
  if (!first || first.previous === null) return insertsAt(batch, start)
  return first.previous.status === 'pending' ? startsAt(batch, start) : updatesAt(batch, start)
}

/** As many plain new rows as the statement for several takes; fewer are written one by one. */
function insertsAt(batch: readonly Write[], start: number): Several | null {
  if (start + rowsAtOnce > batch.length) return null
  const writes: Creation[] = []
  for (let index = start; index < start + rowsAtOnce; index += 1) {
    const write = batch[index]
    if (!write || write.previous !== null || write.operation !== undefined || !isPlain(write)) return null
    writes.push(write)
  }
  return { kind: 'inserts', writes }
}

/** Ends of attempts that change their rows alike: short tasks of one turn mostly do. */
function updatesAt(batch: readonly Write[], start: number): Several | null {
  const writes: Transition[] = []
  let change: RowChange | null = null
  for (let index = start; index < batch.length && writes.length < maxUpdates; index += 1) {
    const write = batch[index]
    if (!write || write.previous === null || write.operation !== undefined || !endsPlainly(write)) break
    if (change === null) change = changeOf(write, null)
    else if (!isSameChange(change, write) || write.previous.workerId !== writes[0]?.previous.workerId) break
    writes.push(write)
  }
  return change && writes.length > 1 ? { kind: 'updates', writes, change } : null
}

/** Starts of tasks that waited in one queue, of one worker at one instant. */
function startsAt(batch: readonly Write[], start: number): Several | null {
  const writes: Transition[] = []
  for (let index = start; index < batch.length && writes.length < maxUpdates; index += 1) {
    const write = batch[index]
    if (!write || write.previous === null || write.operation !== undefined || !startsPlainly(write)) break
    const first = writes[0]?.next ?? write.next
    const { startTime, workerId, queue } = write.next
    if (startTime !== first.startTime || workerId !== first.workerId || queue !== first.queue) break
    writes.push(write)
  }
  return writes.length > 1 ? { kind: 'starts', writes } : null
}
