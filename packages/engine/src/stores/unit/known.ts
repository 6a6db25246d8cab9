import type { TaskRecord, Transition } from '../../core/record.ts'
import type { HeldLock, ItemResult, Write } from '../store.ts'

/** What decisions need of a stored task. */
export interface SeenTask {
  readonly taskId: string
  readonly status: string
  readonly attempt: number
  readonly workerId: string | null
  readonly queue: string
  readonly retryCount: number
  readonly version: number
  readonly tags: TaskRecord['tags']
  /** When the attempt began that the task's own row tells of; null when it tells of none. */
  readonly attemptStartedAt: number | null
  /** How many lines its log has. */
  readonly logLines: number
}

/** What must be known of the store before a batch can be decided. */
export interface Needs {
  /** Tasks that are changed or marked; of new tasks only when they may be stored already. */
  readonly taskIds: readonly string[]
  /** Idempotency keys of new tasks. */
  readonly keys: readonly string[]
  /** Slots of new tasks. */
  readonly slots: readonly Slot[]
  /** Locks that new tasks ask for. */
  readonly lockKeys: readonly string[]
  /** Tasks whose locks new tasks share. */
  readonly joins: readonly string[]
  /** Items of operations that are settled with a write. */
  readonly items: readonly ItemResult[]
}

export interface Slot {
  readonly schedule: string
  readonly slotAt: number
}

/** What the store says to {@link Needs}, all of it read at one moment. */
export interface Known {
  readonly tasks: ReadonlyMap<string, SeenTask>
  /** Live and successful tasks by the idempotency key that they hold. */
  readonly keyHolders: ReadonlyMap<string, TaskRecord>
  /** Tasks by {@link slotName}. */
  readonly slotHolders: ReadonlyMap<string, TaskRecord>
  /** Locks of the keys asked for whose tasks wait or run, by key, age and task. */
  readonly locks: readonly HeldLock[]
  /** Who owns the locks of a task that is joined and waits or runs, by that task. */
  readonly owners: ReadonlyMap<string, string>
  /** Items that are waiting in operations that run, by {@link itemName}. */
  readonly openItems: ReadonlySet<string>
}

/** How sure one may be that nothing of a batch is stored yet. */
export type Doubt =
  /** The batch was never sent. */
  | 'none'
  /** A row of the same id, key or slot got in between: new tasks are looked for, too. */
  | 'clash'
  /**
   * It was sent and no answer came: what is stored just as the batch says was stored by it, and so was a new task, whatever
   * it is by now.
   */
  | 'unanswered'

export function needsOf(batch: readonly Write[], doubt: Doubt): Needs {
  const taskIds = new Set<string>()
  const keys = new Set<string>()
  const slots = new Map<string, Slot>()
  const lockKeys = new Set<string>()
  const joins = new Set<string>()
  const items: ItemResult[] = []
  for (const write of batch) {
    if (write.operation) items.push(write.operation)
    if (write.previous !== null) {
      taskIds.add(write.previous.taskId)
      continue
    }
    const { next, marks, joins: joined } = write
    if (doubt !== 'none') taskIds.add(next.taskId)
    if (marks) taskIds.add(marks.previous.taskId)
    if (next.idempotencyKey !== null) keys.add(next.idempotencyKey)
    if (next.schedule !== null && next.slotAt !== null) {
      slots.set(slotName(next.schedule, next.slotAt), { schedule: next.schedule, slotAt: next.slotAt })
    }
    for (const key of next.locks) lockKeys.add(key)
    if (joined !== undefined && next.locks.length > 0) joins.add(joined)
  }
  return {
    taskIds: [...taskIds].sort(),
    keys: [...keys],
    slots: [...slots.values()],
    lockKeys: [...lockKeys].sort(),
    joins: [...joins],
    items,
  }
}

export function slotName(schedule: string, slotAt: number): string {
  return `${slotAt} ${schedule}`
}

export function itemName({ operationId, taskId }: Pick<ItemResult, 'operationId' | 'taskId'>): string {
  return `${operationId} ${taskId}`
}

/** Whether a task still is what a transition starts from. */
export function isAsBefore(seen: SeenTask | undefined, { previous }: Transition): seen is SeenTask {
  return seen !== undefined && isInSameHands(seen, previous)
}

/** Whether a task is just what a write makes of it. */
export function isAsAfter(seen: SeenTask | undefined, next: TaskRecord): boolean {
  return seen !== undefined && seen.version === next.version && isInSameHands(seen, next)
}

/** Whether nobody else has done more with it than to leave a wish or a note. */
export function isInSameHands(seen: SeenTask, { status, attempt, workerId, queue }: TaskRecord): boolean {
  return seen.status === status && seen.attempt === attempt && seen.workerId === workerId && seen.queue === queue
}
