import type { EnqueueIssue, ErrorGroup, TaskFilter } from '@taskloom/protocol'
import type { Change, ChangeListener } from '../observe/feed.ts'
import type { OperationBoard } from './operations.ts'
import type { Redaction } from './redaction.ts'
import type { Move } from '../core/lifecycle.ts'
import type { Act, TaskSource } from './source.ts'

type Enqueue = NonNullable<TaskSource['enqueue']>
type Mark = NonNullable<TaskSource['markError']>
type Verbs = { readonly [V in keyof TaskSource]?: TaskSource[V] | undefined }

/**
 * The source as this mount shows it: whatever goes out through it, lists, details, logs, live changes and exports, is
 * redacted here and nowhere else. What is not named goes through as it is.
 */
export function shownSource(source: TaskSource, redaction: Redaction): TaskSource {
  const shown: Verbs = {
    get errors() {
      return source.errors && shownErrors(source, redaction)
    },
    get enqueue() {
      const enqueue = source.enqueue?.bind(source)
      return enqueue && (async (...asked: Parameters<Enqueue>) => redaction.summary(await enqueue(...asked)))
    },
    get markError() {
      const mark = source.markError?.bind(source)
      return mark && (async (...asked: Parameters<Mark>) => shownGroup(await mark(...asked), redaction))
    },
    get checkEnqueue() {
      const check = source.checkEnqueue?.bind(source)
      return check && (async (...asked: Parameters<Enqueue>) => shownIssues(await check(...asked), redaction))
    },
    get sampleArgs() {
      const sample = source.sampleArgs?.bind(source)
      return (
        sample &&
        (async (filter: TaskFilter, limit: number) => (await sample(filter, limit)).map((args) => redaction.args(args)))
      )
    },
    get lineage() {
      return source.lineage && shownLineage(source, redaction)
    },
    get operations() {
      return source.operations && shownBoard(source.operations, redaction)
    },
    async list(question) {
      const page = await source.list(question)
      return { ...page, tasks: page.tasks.map((task) => redaction.summary(task)) }
    },
    detail: async (taskId, reading) => redaction.detail(await source.detail(taskId, reading)),
    async logs(question) {
      const page = await source.logs(question)
      return { ...page, logs: redaction.lines(page.logs) }
    },
    async progress(taskId) {
      const light = await source.progress(taskId)
      const message = light.progress && redaction.text(light.progress.message)
      const progress = light.progress && { ...light.progress, message }
      return { ...light, error: redaction.text(light.error), progress }
    },
    retry: async (taskId, act) => redaction.summary(await source.retry(taskId, act)),
    cancel: async (taskId, act) => redaction.summary(await source.cancel(taskId, act)),
    runNow: async (taskId, act) => redaction.summary(await source.runNow(taskId, act)),
    ...(source.move && {
      move: async (taskId: string, to: Move, act: Act) => redaction.summary(await source.move!(taskId, to, act)),
    }),
    runSchedule: async (name, act) => redaction.summary(await source.runSchedule(name, act)),
    subscribe: (listener: ChangeListener) => source.subscribe((change) => listener(shownChange(change, redaction))),
  }
  return new Proxy(source, {
    get(target, key) {
      if (Object.hasOwn(shown, key)) return shown[key as keyof Verbs]
      const member: unknown = Reflect.get(target, key, target)
      // Its own verbs are called on itself: a class may keep its state in private fields.
      return typeof member === 'function' ? (member.bind(target) as unknown) : member
    },
  })
}

function shownIssues(issues: readonly EnqueueIssue[], redaction: Redaction): readonly EnqueueIssue[] {
  return issues.map(({ path, message }) => ({ path, message: redaction.text(message) }))
}

function shownErrors(source: TaskSource, redaction: Redaction): NonNullable<TaskSource['errors']> {
  return async (question) => {
    const groups = (await source.errors?.(question)) ?? []
    return groups.map((group) => shownGroup(group, redaction))
  }
}

function shownGroup(group: ErrorGroup, redaction: Redaction): ErrorGroup {
  return { ...group, message: redaction.text(group.message) }
}

function shownLineage(source: TaskSource, redaction: Redaction): NonNullable<TaskSource['lineage']> {
  return async (taskId) => {
    const found = (await source.lineage?.(taskId)) ?? { tasks: [], truncated: false }
    return { ...found, tasks: found.tasks.map((task) => redaction.summary(task)) }
  }
}

function shownBoard(board: OperationBoard, redaction: Redaction): OperationBoard {
  return {
    begin: (question, act) => board.begin(question, act),
    list: (after, limit) => board.list(after, limit),
    get: (operationId) => board.get(operationId),
    cancel: (operationId, act) => board.cancel(operationId, act),
    async preview(question) {
      const preview = await board.preview(question)
      return { ...preview, sample: preview.sample.map((task) => redaction.summary(task)) }
    },
    async items(question) {
      const items = await board.items(question)
      return items.map((item) => ({ ...item, reason: redaction.text(item.reason) }))
    },
  }
}

function shownChange(change: Change, redaction: Redaction): Change {
  if (change.kind === 'log') return { ...change, entries: redaction.lines(change.entries) }
  if (change.kind !== 'task') return change
  const { task, previous } = change
  return { ...change, task: redaction.summary(task), previous: previous && redaction.summary(previous) }
}
