import { TaskError } from '../../core/errors.ts'
import { transferKinds, type TransferKind, type TransferStore } from './port.ts'
import { digestOf, slicesOf, type TransferDigest } from './digest.ts'
import type { TransferPlan } from './plan.ts'
import { formatState, newTransfer, restarted, withKind, type TransferState } from './state.ts'

/** Where a transfer is. */
export interface TransferProgress {
  /** Everything is copied, and then everything is compared. */
  readonly stage: 'copy' | 'compare'
  /** Of which rows. */
  readonly kind: TransferKind
  /** How many rows of the kind were copied, those of earlier runs among them, or compared, those of both stores together. */
  readonly done: number
}

/** How a transfer is made. */
export interface TransferOptions {
  /** The instant, epoch milliseconds. */
  readonly now: () => number
  /** Unique for this run. */
  readonly run: string
  /** Stops between two slices, by throwing its reason; a later run goes on from there. */
  readonly signal: AbortSignal
  /** Hears of each slice; is waited for. */
  readonly onProgress: (progress: TransferProgress) => void | Promise<void>
}

/** What two stores have of a kind. */
export interface KindComparison {
  /** Which kind. */
  readonly kind: TransferKind
  /** What the source has. */
  readonly source: TransferDigest
  /** What the target has. */
  readonly target: TransferDigest
  /** Whether that is the same. */
  readonly isEqual: boolean
}

/** What became of a transfer, or of looking at two stores. */
export interface TransferReport {
  /** Each kind, in the order of {@link transferKinds}. */
  readonly kinds: readonly KindComparison[]
  /** Whether all are equal. */
  readonly isEqual: boolean
}

/**
 * Copies everything, from where an earlier run stopped, and compares both stores from their own rows. The target is open to
 * managers only once they are equal; kinds that differ are copied again by the next run, which fills what is missing.
 * Rejects with what the stores reject with, and `store_in_use` when another run has taken over.
 */
export async function transferHistory(plan: TransferPlan, options: TransferOptions): Promise<TransferReport> {
  const notes = await TransferNotes.begin(plan, options)
  for (const kind of transferKinds) await copyKind(plan, kind, notes, options)
  const report = await compareHistories(plan, options)
  const differing = report.kinds.filter(({ isEqual }) => !isEqual).map(({ kind }) => kind)
  if (report.isEqual) await notes.keep({ ...notes.state, finishedAt: options.now() })
  else await notes.keep(restarted(notes.state, differing))
  return report
}

/** Reads all rows of both. */
export async function compareHistories(
  { source, target }: Pick<TransferPlan, 'source' | 'target'>,
  { signal, onProgress }: Pick<TransferOptions, 'signal' | 'onProgress'>,
): Promise<TransferReport> {
  const kinds: KindComparison[] = []
  for (const kind of transferKinds) {
    let done = 0
    const told = async (rows: number): Promise<void> => {
      signal.throwIfAborted()
      done += rows
      await onProgress({ stage: 'compare', kind, done })
    }
    const digests = { source: await digestOf(source, kind, told), target: await digestOf(target, kind, told) }
    const isEqual = digests.source.count === digests.target.count && digests.source.checksum === digests.target.checksum
    kinds.push({ kind, ...digests, isEqual })
  }
  return { kinds, isEqual: kinds.every(({ isEqual }) => isEqual) }
}

async function copyKind(
  { source, target }: TransferPlan,
  kind: TransferKind,
  notes: TransferNotes,
  { signal, onProgress }: TransferOptions,
): Promise<void> {
  const before = notes.state.kinds[kind]
  if (before.isDone) return
  let copied = before.copied
  await onProgress({ stage: 'copy', kind, done: copied })
  for await (const { rows, next } of slicesOf(source, kind, before.after)) {
    signal.throwIfAborted()
    await target.write(kind, rows)
    copied += rows.length
    // Only now: what is written twice changes nothing, what is skipped is missing.
    await notes.keep(withKind(notes.state, kind, { after: next, copied, isDone: next === null }))
    await onProgress({ stage: 'copy', kind, done: copied })
  }
}

/** What the target remembers, kept by one run at a time. */
class TransferNotes {
  private constructor(
    private readonly target: TransferStore,
    public state: TransferState,
    private text: string | null,
  ) {}

  static async begin(
    { target, identity, mark, state }: TransferPlan,
    options: TransferOptions,
  ): Promise<TransferNotes> {
    const fresh = state ?? newTransfer(identity, options.run, options.now())
    const notes = new TransferNotes(target, fresh, mark)
    await notes.keep({ ...fresh, run: options.run })
    return notes
  }

  async keep(state: TransferState): Promise<void> {
    const text = formatState(state)
    if (!(await this.target.remark(this.text, text))) {
      const message = 'Another process has taken this transfer over, or has written into the target'
      throw new TaskError('store_in_use', { message })
    }
    this.state = state
    this.text = text
  }
}
