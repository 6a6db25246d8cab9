import { isTerminal, type Attempt } from '@taskloom/protocol'
import { errorKind } from '../../core/error-group.ts'
import { ConflictError, type LockConflict } from '../../core/errors.ts'
import type { Creation, LogLine, TaskRecord, Transition } from '../../core/record.ts'
import { impliedAttempt, isImplied, leavesAttemptOpen, openStart } from '../attempts.ts'
import type { AuditDraft } from '../audit.ts'
import { isNewFailure } from '../error-book.ts'
import type { HeldLock } from '../held-locks.ts'
import type { ItemResult } from '../operations.ts'
import { compareValues } from '../order.ts'
import type { OutboxEntry } from '../outbox.ts'
import type { Changes, CountChange, RowExtras, StoredAttempt, StoredLine, StoredTag, TakenLock } from './changes.ts'
import { itemName, slotName, type Known, type SeenTask } from './known.ts'

/** A row as the batch has left it so far. */
interface Draft {
  readonly isNew: boolean
  set: Partial<TaskRecord>
  extras: Partial<RowExtras>
  seen: SeenTask
}

/** Gathers what a batch changes, and answers as if it were stored already. */
export class UnitOfWork {
  readonly #drafts = new Map<string, Draft>()
  readonly #keys = new Map<string, TaskRecord | null>()
  readonly #slots = new Map<string, TaskRecord>()
  readonly #locks: HeldLock[]
  readonly #owners: Map<string, string>
  readonly #openItems: Set<string>
  readonly #attempts = new Map<string, StoredAttempt>()
  readonly #logs: StoredLine[] = []
  readonly #removedTags: StoredTag[] = []
  readonly #addedTags: StoredTag[] = []
  readonly #taken: TakenLock[] = []
  readonly #released = new Set<string>()
  readonly #outbox: OutboxEntry[] = []
  readonly #settled: ItemResult[] = []
  readonly #audits: AuditDraft[] = []
  readonly #counts: CountChange[] = []
  readonly #failures: TaskRecord[] = []

  constructor(private readonly known: Known) {
    this.#locks = [...known.locks]
    this.#owners = new Map(known.owners)
    this.#openItems = new Set(known.openItems)
  }

  see(taskId: string): SeenTask | undefined {
    return this.#drafts.get(taskId)?.seen ?? this.known.tasks.get(taskId)
  }

  isOpen(item: string): boolean {
    return this.#openItems.has(item)
  }

  /** The task that holds the idempotency key or the slot of a new one. */
  holderOf({ idempotencyKey, schedule, slotAt }: TaskRecord): TaskRecord | undefined {
    const byKey = idempotencyKey === null ? undefined : this.#keyHolder(idempotencyKey)
    if (byKey || schedule === null || slotAt === null) return byKey
    const slot = slotName(schedule, slotAt)
    return this.#slots.get(slot) ?? this.known.slotHolders.get(slot)
  }

  /** Takes all locks of a new task, or none: then it says who has them. */
  lock({ taskId, locks, createdAt, funcName, status, userLabel }: TaskRecord, joins?: string): ConflictError | null {
    const owner = (joins === undefined ? undefined : this.#owners.get(joins)) ?? taskId
    const held = this.#locks.filter(({ key }) => locks.includes(key)).sort(byKeyAndAge)
    const conflicts = new Map<string, LockConflict>()
    for (const { owner: holder, ...lock } of held) {
      if (holder !== owner && !conflicts.has(lock.key)) conflicts.set(lock.key, lock)
    }
    if (conflicts.size > 0) return new ConflictError([...conflicts.values()])
    for (const key of new Set(locks)) {
      const since = held.find((lock) => lock.key === key)?.since ?? createdAt
      this.#taken.push({ key, taskId, owner, since })
      this.#locks.push({ key, taskId, owner, since, funcName, status, user: userLabel })
    }
    this.#owners.set(taskId, owner)
    return null
  }

  add({ next, attempt }: Creation): void {
    const isSaid = attempt !== null && isImplied(next, attempt)
    const attemptStartedAt = isSaid ? attempt.startedAt : null
    const errorGroup = isNewFailure(null, next) ? errorKind(next).fingerprint : null
    const extras = { attemptStartedAt, errorGroup, heldKey: heldKeyOf(next), logLines: 0 }
    this.#drafts.set(next.taskId, { isNew: true, set: next, extras, seen: seenOf(next, extras) })
    if (attempt && !isSaid) this.#keepAttempt(next.taskId, attempt)
    for (const [key, value] of Object.entries(next.tags)) this.#addedTags.push({ taskId: next.taskId, key, value })
    if (next.idempotencyKey !== null && extras.heldKey !== null) this.#keys.set(next.idempotencyKey, next)
    if (next.schedule !== null && next.slotAt !== null) this.#slots.set(slotName(next.schedule, next.slotAt), next)
    this.#counts.push({ before: null, after: next })
  }

  /** The row must be what the transition starts from. */
  change(transition: Transition): void {
    const { previous, next, attempt, logs } = transition
    const draft = this.#draftOf(previous.taskId)
    const { attemptStartedAt } = draft.seen
    if (leavesAttemptOpen(transition) && attemptStartedAt !== null) {
      const left = impliedAttempt(previous, attemptStartedAt)
      if (left) this.#keepAttempt(previous.taskId, left, 'unless there')
    }
    const isSaid = attempt !== null && isImplied(next, attempt)
    if (attempt && !isSaid) this.#keepAttempt(next.taskId, attempt)
    const start = openStart(transition, isSaid)
    if (start !== null) draft.extras = { ...draft.extras, attemptStartedAt: start < 0 ? null : start }
    draft.set = { ...draft.set, ...differences(previous, next) }
    this.#follow(draft, transition)
    this.#append(draft, next.taskId, logs)
    draft.seen = seenOf(
      { ...next, retryCount: draft.set.retryCount ?? draft.seen.retryCount },
      {
        attemptStartedAt,
        logLines: draft.seen.logLines,
        ...draft.extras,
      },
    )
    this.#counts.push({ before: previous, after: next })
  }

  settle(item: ItemResult): void {
    this.#settled.push(item)
    this.#openItems.delete(itemName(item))
  }

  send(entries: readonly OutboxEntry[]): void {
    this.#outbox.push(...entries)
  }

  record(audit: AuditDraft): void {
    this.#audits.push(audit)
  }

  changes(): Changes {
    const drafts = [...this.#drafts]
    return {
      inserts: drafts.flatMap(([, { isNew, set, extras }]) =>
        isNew ? [{ record: set as TaskRecord, extras: extras as RowExtras }] : [],
      ),
      updates: drafts.flatMap(([taskId, { isNew, set, extras }]) => (isNew ? [] : [{ taskId, set, extras }])),
      attempts: [...this.#attempts.values()],
      logs: this.#logs,
      removedTags: this.#removedTags,
      addedTags: this.#addedTags,
      takenLocks: this.#taken.filter(({ taskId }) => !this.#released.has(taskId)),
      releasedLocks: [...this.#released],
      outbox: this.#outbox,
      settled: this.#settled,
      audits: this.#audits,
      counts: this.#counts,
      failures: this.#failures,
    }
  }

  #keyHolder(key: string): TaskRecord | undefined {
    const here = this.#keys.get(key)
    return here === undefined ? this.known.keyHolders.get(key) : (here ?? undefined)
  }

  #draftOf(taskId: string): Draft {
    const draft = this.#drafts.get(taskId)
    if (draft) return draft
    const fresh: Draft = { isNew: false, set: {}, extras: {}, seen: this.known.tasks.get(taskId) as SeenTask }
    this.#drafts.set(taskId, fresh)
    return fresh
  }

  /** What hangs on a task's status, tags and failure. */
  #follow(draft: Draft, { previous, next }: Transition): void {
    const { taskId, idempotencyKey } = next
    if (idempotencyKey !== null && previous.status !== next.status) {
      const heldKey = heldKeyOf(next)
      draft.extras = { ...draft.extras, heldKey }
      this.#keys.set(idempotencyKey, heldKey === null ? null : next)
    }
    if (previous.tags !== next.tags) {
      for (const [key, value] of Object.entries(draft.seen.tags)) this.#removeTag({ taskId, key, value })
      for (const [key, value] of Object.entries(next.tags)) this.#addedTags.push({ taskId, key, value })
    }
    if (next.locks.length > 0) this.#holdOn(next)
    if (!isNewFailure(previous, next)) return
    draft.extras = { ...draft.extras, errorGroup: errorKind(next).fingerprint }
    this.#failures.push(next)
  }

  #removeTag(tag: StoredTag): void {
    const added = this.#addedTags.findIndex(
      ({ taskId, key, value }) => taskId === tag.taskId && key === tag.key && value === tag.value,
    )
    if (added >= 0) this.#addedTags.splice(added, 1)
    else this.#removedTags.push(tag)
  }

  /** Its locks go with the task that ends, and else tell what has become of it. */
  #holdOn({ taskId, status }: TaskRecord): void {
    if (isTerminal(status)) return this.#release(taskId)
    for (const [index, lock] of this.#locks.entries()) {
      if (lock.taskId === taskId && lock.status !== status) this.#locks[index] = { ...lock, status }
    }
  }

  #release(taskId: string): void {
    this.#released.add(taskId)
    this.#owners.delete(taskId)
    for (let index = this.#locks.length - 1; index >= 0; index -= 1) {
      if (this.#locks[index]?.taskId === taskId) this.#locks.splice(index, 1)
    }
  }

  #append(draft: Draft, taskId: string, lines: readonly LogLine[]): void {
    if (lines.length === 0) return
    let line = draft.extras.logLines ?? draft.seen.logLines
    for (const entry of lines) this.#logs.push({ ...entry, taskId, line: (line += 1) })
    draft.set = { ...draft.set, hasLogs: true }
    draft.extras = { ...draft.extras, logLines: line }
  }

  #keepAttempt(taskId: string, attempt: Attempt, when: 'always' | 'unless there' = 'always'): void {
    const name = `${attempt.attempt} ${taskId}`
    if (when === 'always' || !this.#attempts.has(name)) this.#attempts.set(name, { taskId, attempt })
  }
}

function byKeyAndAge(a: HeldLock, b: HeldLock): number {
  return compareValues(a.key, b.key) || a.since - b.since || compareValues(a.taskId, b.taskId)
}

/** What a transition changes; logs of the task may have come from elsewhere meanwhile. */
function differences(previous: TaskRecord, next: TaskRecord): Partial<TaskRecord> {
  const set: Record<string, unknown> = {}
  for (const name of Object.keys(next) as (keyof TaskRecord)[]) {
    if (next[name] !== previous[name]) set[name] = next[name]
  }
  if (!next.hasLogs) delete set['hasLogs']
  return set
}

/** Held while it waits, runs or has succeeded. */
export function heldKeyOf({ idempotencyKey, status }: TaskRecord): string | null {
  return status === 'pending' || status === 'running' || status === 'success' ? idempotencyKey : null
}

type SeenExtras = Pick<RowExtras, 'attemptStartedAt' | 'logLines'>

function seenOf(task: TaskRecord, { attemptStartedAt, logLines }: SeenExtras): SeenTask {
  const { taskId, status, attempt, workerId, queue, retryCount, version, tags } = task
  return { taskId, status, attempt, workerId, queue, retryCount, version, tags, attemptStartedAt, logLines }
}
