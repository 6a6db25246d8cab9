import { TaskError } from '../../core/errors.ts'
import { transferKinds, type TransferKind, type TransferStore } from './port.ts'

/** How far the rows of one kind are. */
export interface KindState {
  /** The place in the source after which nothing was copied yet; null before the first slice. */
  readonly after: string | null
  /** How many rows were copied. */
  readonly copied: number
  /** Whether there are no more. */
  readonly isDone: boolean
}

/** What a target remembers of a transfer into it. */
export interface TransferState {
  /** The identity of the store that it comes from. */
  readonly source: string
  /** Which process is at it: a later one takes over, and the earlier stops. */
  readonly run: string
  /** When it was begun, epoch milliseconds. */
  readonly startedAt: number
  /** When it was whole and verified; null before. */
  readonly finishedAt: number | null
  /** How far each kind is. */
  readonly kinds: Readonly<Record<TransferKind, KindState>>
}

const version = 1
const untouched: KindState = { after: null, copied: 0, isDone: false }

/** Of a transfer that begins now. */
export function newTransfer(source: string, run: string, startedAt: number): TransferState {
  return { source, run, startedAt, finishedAt: null, kinds: everyKind(() => untouched) }
}

/** With one kind further on. */
export function withKind(state: TransferState, kind: TransferKind, done: KindState): TransferState {
  return { ...state, kinds: { ...state.kinds, [kind]: done } }
}

/** With kinds that are not as they should be from their beginning: what is missing of them is then copied again. */
export function restarted(state: TransferState, kinds: readonly TransferKind[]): TransferState {
  return { ...state, kinds: everyKind((kind) => (kinds.includes(kind) ? untouched : state.kinds[kind])) }
}

export function formatState(state: TransferState): string {
  return JSON.stringify({ version, ...state })
}

/** Throws when another version of this engine wrote it. */
export function parseState(text: string): TransferState {
  const { version: found, ...state } = JSON.parse(text) as TransferState & { readonly version: unknown }
  if (found === version) return state
  const message = 'Another version of Taskloom has begun to move a history into this store: go on with that one'
  throw new TaskError('move_unfinished', { message })
}

/** Throws `move_unfinished` when a history is being moved into the store: a manager would change half of it. */
export async function refuseUnfinished(store: TransferStore | undefined): Promise<void> {
  const text = await store?.mark()
  if (text === null || text === undefined || parseState(text).finishedAt !== null) return
  const message = 'A history is being moved into this store and is not whole yet: end it with taskloom migrate'
  throw new TaskError('move_unfinished', { message })
}

function everyKind(make: (kind: TransferKind) => KindState): Record<TransferKind, KindState> {
  return Object.fromEntries(transferKinds.map((kind) => [kind, make(kind)])) as Record<TransferKind, KindState>
}
