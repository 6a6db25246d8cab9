import { anyTask, type TaskSummary } from '@taskloom/protocol'
import { TaskError } from '../../core/errors.ts'
import type { BulkPreview, BulkQuestion, OperationBoard } from '../../server/operations.ts'
import type { Act } from '../../server/source.ts'
import type { ItemResult, NewOperation, Operation } from '../../stores/operations.ts'
import { summaryOf } from '../../stores/summary.ts'
import type { SourceParts } from '../parts.ts'
import { beginEntry, cancelEntry, undoEntry } from './entries.ts'
import { filterToText, meantBy, waitingIn } from './target.ts'
import type { OperationWorker } from './worker.ts'

const maxListed = 1_000
/** So many are asked for at the same time: a store that is far away answers them together. */
const readAtOnce = 50
const sampled = 20

/** Takes bulk actions, stores them, and shows how far they are. */
export function operationBoard(parts: SourceParts, worker: OperationWorker): OperationBoard {
  const { store, clock, mint, ready, announcer } = parts
  const get = async (operationId: string): Promise<Operation> => {
    await ready()
    const operation = await store.operations.get(operationId)
    if (operation) return operation
    throw new TaskError('unknown_operation', { message: `There is no operation ${operationId}`, operationId })
  }
  return {
    async preview(question) {
      await ready()
      return 'taskIds' in question.target
        ? previewListed(parts, question, question.target.taskIds)
        : previewFilter(parts, question)
    },
    async begin(question, act) {
      await ready()
      const operation = describe(question, act, clock.now(), (at) => mint.ids.next(at))
      const results = 'taskIds' in question.target ? await listed(parts, operation, question) : null
      const stored = await store.operations.create(operation, results, beginEntry(operation, results))
      announcer.operationsChanged()
      announcer.auditGrew()
      worker.wake()
      return stored
    },
    async list(after, limit) {
      await ready()
      return store.operations.list(after, limit)
    },
    get,
    async items(question) {
      await get(question.operationId)
      return store.operations.items(question)
    },
    async cancel(operationId, act) {
      await get(operationId)
      const now = clock.now()
      const isUndone = await store.operations.undo(operationId, now, undoEntry(operationId, act, now))
      if (!isUndone) await store.operations.requestCancel(operationId, now, cancelEntry(operationId, act, now))
      announcer.operationsChanged()
      announcer.auditGrew()
      worker.wake()
      return get(operationId)
    },
  }
}

/** Cancels everything that waits in a queue. */
export function drainQueue(board: OperationBoard, queue: string, act: Act): Promise<Operation> {
  return board.begin({ action: 'cancel', target: { filter: waitingIn(queue) } }, act)
}

function describe(
  { action, target, again = false, delayMs = 0, perSecond = null }: BulkQuestion,
  { actor, reason, role = null, address = null }: Act,
  createdAt: number,
  nextId: (at: number) => string,
): NewOperation {
  const filter = 'filter' in target ? filterToText(meantBy(action, target.filter)) : null
  const beginsAt = delayMs > 0 ? createdAt + delayMs : null
  const asked = { action, filter, again, actor, reason, role, address, createdAt, beginsAt, perSecond }
  return { operationId: nextId(createdAt), ...asked }
}

/** Each listed task once; those that are not permitted, or not there, are settled at once. */
async function listed(
  parts: SourceParts,
  { operationId, createdAt: at }: NewOperation,
  question: BulkQuestion,
): Promise<readonly ItemResult[]> {
  const taskIds = 'taskIds' in question.target ? [...new Set(question.target.taskIds)] : []
  if (taskIds.length > maxListed) {
    throw new TaskError('bad_argument', {
      message: `A bulk action takes at most ${maxListed} ids; a filter takes more`,
    })
  }
  const known = new Set((await permitted(parts, question, taskIds)).map(({ taskId }) => taskId))
  return taskIds.map((taskId) =>
    known.has(taskId)
      ? { operationId, taskId, outcome: 'waiting', reason: null, newTaskId: null, at }
      : { operationId, taskId, outcome: 'skipped', reason: 'unknown', newTaskId: null, at },
  )
}

async function permitted(
  { store }: SourceParts,
  { permits }: BulkQuestion,
  taskIds: readonly string[],
): Promise<readonly TaskSummary[]> {
  const found: TaskSummary[] = []
  for (let start = 0; start < taskIds.length; start += readAtOnce) {
    const portion = taskIds.slice(start, start + readAtOnce)
    for (const record of await Promise.all(portion.map((taskId) => store.tasks.get(taskId)))) {
      const task = record && summaryOf(record)
      if (task && (!permits || (await permits(task)))) found.push(task)
    }
  }
  return found
}

async function previewListed(
  parts: SourceParts,
  question: BulkQuestion,
  taskIds: readonly string[],
): Promise<BulkPreview> {
  const statuses: readonly string[] = meantBy(question.action, anyTask).statuses
  const found = await permitted(parts, question, [...new Set(taskIds)].slice(0, maxListed))
  const meant = found.filter(({ status }) => statuses.includes(status))
  return { count: meant.length, countIsCapped: false, sample: meant.slice(0, sampled) }
}

async function previewFilter({ store }: SourceParts, { action, target }: BulkQuestion): Promise<BulkPreview> {
  if (!('filter' in target)) return { count: 0, countIsCapped: false, sample: [] }
  const filter = meantBy(action, target.filter)
  const question = { filter, sort: 'task_id', order: 'desc', limit: sampled, cursor: null } as const
  const { tasks, total, totalIsCapped } = await store.views.list(question)
  return { count: total, countIsCapped: totalIsCapped, sample: tasks }
}
