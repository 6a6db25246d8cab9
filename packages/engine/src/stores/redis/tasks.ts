import { isTerminal } from '@taskloom/protocol'
import type { LogLine, TaskRecord } from '../../core/record.ts'
import type { AuditDraft } from '../audit.ts'
import { withDeleted } from '../audit-chain.ts'
import type { Beside, DueQuestion, HistoryQuestion, NewTaskWrite, TaskStore, Write, Written } from '../store.ts'
import { itemName } from '../unit/index.ts'
import { readAuditHead } from './audit.ts'
import type { Connection } from './connection.ts'
import { KeyChanges } from './key-changes.ts'
import { parsePlace } from './keys.ts'
import { wholeFields, type KnownTask, type TaskCache } from './known-tasks.ts'
import { readKnown, readOpenItems } from './load.ts'
import { readDue, readNextDueAt } from './due.ts'
import { readGrips } from './locks.ts'
import { RollUps } from './roll-ups.ts'
import { removeTask, saveAudit, settleItem } from './save.ts'
import { encodeLine } from './task-fields.ts'
import type { CommitQueue } from './commit-queue.ts'

/** The verbs of the engine. Writes that are asked for while others are on their way go together in the next commit. */
export class RedisTasks implements TaskStore {
  /** One batch is made ready while Redis does the other. */
  readonly batchesAtOnce = 2
  /** Who is asked for with the next read. */
  #wanted: { readonly taskIds: string[]; readonly found: Promise<ReadonlyMap<string, KnownTask>> } | null = null

  constructor(
    private readonly queue: CommitQueue,
    private readonly cache: TaskCache,
  ) {}

  write(batch: readonly Write[]): Promise<readonly Written[]> {
    return this.queue.write(batch)
  }

  writeAll(batch: readonly NewTaskWrite[]): Promise<readonly TaskRecord[]> {
    if (batch.length === 0) return Promise.resolve([])
    return this.queue.together(batch)
  }

  appendLogs(taskId: string, lines: readonly LogLine[]): Promise<void> {
    return lines.length === 0 ? Promise.resolve() : this.queue.append(taskId, lines.map(encodeLine))
  }

  async get(taskId: string): Promise<TaskRecord | undefined> {
    return (await this.#found(taskId)).get(taskId)?.record
  }

  async due(question: DueQuestion): Promise<readonly TaskRecord[]> {
    const tasks = await readDue(this.queue.connection, this.cache, question)
    for (const task of tasks) this.cache.keep(task)
    return tasks.map(({ record }) => record)
  }

  nextDueAt(now: number): Promise<number | null> {
    return readNextDueAt(this.queue.connection, now)
  }

  async orphans(liveWorkerIds: readonly string[], limit: number): Promise<readonly TaskRecord[]> {
    const { connection } = this.queue
    const live = new Set(liveWorkerIds)
    const found: TaskRecord[] = []
    for (let after = '-'; found.length < limit;) {
      const ids = await rangeAfter(connection.keys.status('running'), after)
      const tasks = await readKnown(connection, ids, wholeFields)
      for (const { record } of tasks.values()) {
        if (record.status === 'running' && (record.workerId === null || !live.has(record.workerId))) found.push(record)
      }
      const last = ids.at(-1)
      if (last === undefined) break
      after = `(${last}`
    }
    return found.slice(0, limit)

    async function rangeAfter(key: string, from: string): Promise<readonly string[]> {
      return (await connection.command('ZRANGEBYLEX', key, from, '+', 'LIMIT', 0, orphansAtOnce)) as readonly string[]
    }
  }

  delete(taskId: string, { operation, audit }: Beside = {}): Promise<boolean> {
    const { connection } = this.queue
    return this.queue.alone(async () => {
      const changes = new KeyChanges()
      const no = { changes: new KeyChanges(), answer: false }
      const [tasks, items] = await Promise.all([
        readKnown(connection, [taskId], wholeFields),
        readOpenItems(connection, operation ? [operation] : []),
      ])
      const task = tasks.get(taskId)
      if (!task || !isTerminal(task.record.status)) return no
      if (operation && !items.open.has(itemName(operation))) return no
      for (const guard of items.guards) changes.guard(guard)
      await this.#remove(changes, [task])
      if (operation) settleItem(changes, operation)
      if (audit) await this.#record(changes, [audit])
      return { changes, answer: true }
    })
  }

  deleteHistory(question: HistoryQuestion, audit?: AuditDraft): Promise<readonly string[]> {
    return this.queue.alone(async () => {
      const changes = new KeyChanges()
      const tasks = await this.#old(question)
      const taskIds = tasks.map(({ record }) => record.taskId)
      if (tasks.length === 0) return { changes, answer: taskIds }
      await this.#remove(changes, tasks)
      if (audit) await this.#record(changes, [withDeleted(audit, taskIds)])
      return { changes, answer: taskIds }
    })
  }

  async #old({ statuses, endedBefore, limit }: HistoryQuestion): Promise<readonly KnownTask[]> {
    const { connection } = this.queue
    const old: KnownTask[] = []
    for (const queue of await queuesOf(connection)) {
      for (let from = 0; old.length < limit; from += historyAtOnce) {
        const range = ['-inf', `(${endedBefore}`, 'LIMIT', from, historyAtOnce]
        const ids = (await connection.command(
          'ZRANGEBYSCORE',
          connection.keys.ended(queue),
          ...range,
        )) as readonly string[]
        for (const task of (await readKnown(connection, ids, wholeFields)).values()) {
          if (isTerminal(task.record.status) && statuses.includes(task.record.status)) old.push(task)
        }
        if (ids.length < historyAtOnce) break
      }
    }
    return old.slice(0, limit)
  }

  /**
   * Tasks that are asked for in one turn are read together. Who asks for one that waits is about to change it, as a rule: it
   * is remembered as it was read.
   */
  #found(taskId: string): Promise<ReadonlyMap<string, KnownTask>> {
    if (this.#wanted === null || this.#wanted.taskIds.length >= maxRead) {
      const taskIds: string[] = []
      const found = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
        if (this.#wanted?.taskIds === taskIds) this.#wanted = null
        const tasks = await readKnown(this.queue.connection, taskIds, wholeFields)
        for (const task of tasks.values()) if (task.record.status === 'pending') this.cache.keep(task)
        return tasks
      })
      this.#wanted = { taskIds, found }
    }
    this.#wanted.taskIds.push(taskId)
    return this.#wanted.found
  }

  async #remove(changes: KeyChanges, tasks: readonly KnownTask[]): Promise<void> {
    const locks = [...new Set(tasks.flatMap(({ record }) => record.locks))]
    const grips = await readGrips(this.queue.connection, locks, changes)
    const rollUps = new RollUps()
    for (const task of tasks) {
      removeTask(changes, rollUps, task, grips)
      this.cache.forget(task.record.taskId)
    }
    rollUps.save(changes)
  }

  async #record(changes: KeyChanges, drafts: readonly AuditDraft[]): Promise<void> {
    const { head, text } = await readAuditHead(this.queue.connection)
    saveAudit(changes, drafts, head, text)
  }
}

async function queuesOf(connection: Connection): Promise<ReadonlySet<string>> {
  const places = (await connection.command('HKEYS', connection.keys.count(0, 0))) as readonly string[]
  return new Set(places.map((place) => parsePlace(place).queue))
}

/** Tasks that are read together at most. */
const maxRead = 200
const orphansAtOnce = 500
const historyAtOnce = 500
