import { TaskError } from '../../core/errors.ts'
import type { Store } from '../store.ts'
import { transferKinds, type TransferKind, type TransferStore } from './port.ts'
import { firstKindIn } from './digest.ts'
import { parseState, type TransferState } from './state.ts'
import type { WorkerState } from '../workers.ts'

/** Two open stores. */
export interface TransferEnds {
  /** Where the history is. Only its identity is written into it. */
  readonly source: Store
  /** Where it is to be. */
  readonly target: Store
}

/** What may be begun, or gone on with. */
export interface TransferPlan {
  /** Where the rows come from. */
  readonly source: TransferStore
  /** Where they go. */
  readonly target: TransferStore
  /** Names the source. */
  readonly identity: string
  /** What the target remembers, word by word; null when it is empty. */
  readonly mark: string | null
  /** The same, understood. */
  readonly state: TransferState | null
}

/** What carries the histories of both. Throws `unsupported` where a store cannot, and `bad_option` when they are the same. */
export async function transferParts({
  source,
  target,
}: TransferEnds): Promise<Pick<TransferPlan, 'source' | 'target'>> {
  const parts = { source: partOf(source), target: partOf(target) }
  if ((await parts.source.identity()) !== (await parts.target.identity())) return parts
  throw new TaskError('bad_option', { message: 'Both are the same store, or one is a copy of the other' })
}

/**
 * Looks whether a history may be moved, and changes nothing. Throws `store_in_use` when somebody runs tasks on one of the
 * stores, `store_not_empty` when the target has something else, and what {@link transferParts} does.
 */
export async function planTransfer(
  ends: TransferEnds,
  isLive: (worker: WorkerState) => boolean,
): Promise<TransferPlan> {
  const parts = await transferParts(ends)
  await refuseLive(ends.source, 'The source', isLive)
  await refuseLive(ends.target, 'The target', isLive)
  const identity = await parts.source.identity()
  const mark = await parts.target.mark()
  const state = mark === null ? null : parseState(mark)
  if (state !== null && state.finishedAt === null && state.source === identity)
    return { ...parts, identity, mark, state }
  const kind = await firstKindIn(parts.target)
  if (state === null && kind === null) return { ...parts, identity, mark, state }
  throw new TaskError('store_not_empty', { message: whyNotEmpty(state, identity, kind) })
}

/** How many rows of each kind a store has. */
export async function countsOf(store: TransferStore): Promise<Readonly<Record<TransferKind, number>>> {
  const counts: Partial<Record<TransferKind, number>> = {}
  for (const kind of transferKinds) counts[kind] = await store.count(kind)
  return counts as Record<TransferKind, number>
}

function partOf(store: Store): TransferStore {
  if (store.transfer) return store.transfer
  throw new TaskError('unsupported', { message: `A history cannot be moved out of or into a ${store.name} store` })
}

async function refuseLive(store: Store, which: string, isLive: (worker: WorkerState) => boolean): Promise<void> {
  const live = (await store.workers.list()).filter(isLive)
  if (live.length === 0) return
  const names = live.slice(0, 3).map(({ hostname, pid }) => `${hostname} (process ${pid})`)
  const others = live.length > names.length ? ` and ${live.length - names.length} more` : ''
  const message = `${which} is in use by ${names.join(', ')}${others}: stop what runs on it first`
  throw new TaskError('store_in_use', { message })
}

function whyNotEmpty(state: TransferState | null, identity: string, kind: TransferKind | null): string {
  if (state === null)
    return `The target is not empty (it has ${kind?.replaceAll('_', ' ') ?? 'rows'}): give an empty one`
  if (state.finishedAt === null) return 'Another history is being moved into the target: give an empty one'
  const at = new Date(state.finishedAt).toISOString()
  return state.source === identity
    ? `This history was moved into the target at ${at}; --verify-only compares the two`
    : `Another history was moved into the target at ${at}: give an empty one`
}
