import { TaskError } from '../core/errors.ts'
import { integerOption, rejectUnknown, textOption } from '../core/option.ts'
import type { LifeEvent, Observer, ObserverEvent, ObserverHost } from './observer.ts'
import { recordFields, rowOf, type RecordField, type SinkFormat, type SinkRow } from './sink-row.ts'

export type { RecordField, SinkRow } from './sink-row.ts'

export interface SinkUpsert {
  /** The task's id, which is the key of the row. */
  readonly taskId: string
  /** Columns to set if there is no row yet: `createDefaults`, and everything known. */
  readonly insert: SinkRow
  /** Columns to set if there is one: what changed since the last call that succeeded. */
  readonly update: SinkRow
}

/** How rows of your own table come about. */
export interface RecordSinkOptions {
  /** Writes one row into your table. What it rejects with makes it be called again later. */
  readonly upsert: (row: SinkUpsert) => void | Promise<void>
  /** The names of your columns by field; null leaves a field out. Without an entry a field has its own name in snake_case. */
  readonly columns?: Partial<Record<RecordField, string | null>>
  /** How values of fields become values of columns; by default `affected` is joined by commas, instants are ISO text. */
  readonly format?: SinkFormat
  /** Further columns of a new row, such as a tenant; none by default. */
  readonly createDefaults?: SinkRow | ((event: LifeEvent) => SinkRow)
  /** Stands in faults; `records` by default. Needed when there are several. */
  readonly name?: string
  /** Calls of `upsert` at once, always for different tasks; 4 by default. */
  readonly concurrency?: number
}

const optionNames = ['upsert', 'columns', 'format', 'createDefaults', 'name', 'concurrency'] as const
/** So many tasks have unwritten rows at most. */
const maxTasks = 10_000
const firstPauseMs = 200
const longestPauseMs = 30_000

/**
 * Keeps a row per task in a table of your own. Rows of one task are written one after the other; while one is on its way
 * or fails, what follows is gathered, so that the newest state wins; the one that says `cleaned_up` is the last.
 * Throws `bad_option`.
 */
export function recordSink(options: RecordSinkOptions): Observer {
  rejectUnknown(options, optionNames)
  const { upsert, columns = {}, concurrency = 4, name = 'records' } = options
  if (typeof upsert !== 'function') {
    throw new TaskError('bad_option', { message: 'upsert: expected a function', option: 'upsert' })
  }
  rejectUnknown(columns, recordFields)
  for (const column of Object.values(columns)) if (column !== null) textOption(column, 'columns', 200)
  return new RecordSink(textOption(name, 'name', 100), options, integerOption(concurrency, 'concurrency', 1, 100))
}

/** What of one task is not in the table yet. */
interface Unwritten {
  readonly taskId: string
  defaults: SinkRow
  /** Everything known. */
  whole: SinkRow
  /** What changed since the last write. */
  changes: SinkRow
  isBusy: boolean
  pauseMs: number
  wake: (() => void) | null
}

class RecordSink implements Observer {
  readonly hears = ['create', 'progress', 'complete', 'fail', 'cleanup'] as const
  readonly #tasks = new Map<string, Unwritten>()
  readonly #ready: Unwritten[] = []
  #host: ObserverHost | null = null
  #active = 0
  #lost = 0
  #isClosing = false
  #onIdle: (() => void) | null = null

  constructor(
    readonly name: string,
    private readonly options: RecordSinkOptions,
    private readonly concurrency: number,
  ) {}

  open(host: ObserverHost): void {
    this.#host = host
  }

  observe(event: ObserverEvent): void {
    if (event.kind === 'log') return
    const task = this.#taskOf(event)
    if (!task) return
    const row = rowOf(event, this.options)
    task.whole = { ...task.whole, ...row }
    task.changes = { ...task.changes, ...row }
    if (!task.isBusy) this.#queue(task)
  }

  /** Tries everything once more without waiting; what fails then is told and given up. */
  async close(): Promise<void> {
    this.#isClosing = true
    for (const task of this.#tasks.values()) task.wake?.()
    if (this.#tasks.size > 0) await new Promise<void>((resolve) => (this.#onIdle = resolve))
    if (this.#lost > 0) this.#host?.fault(new Error(`${this.#lost} rows were not written before the process stopped`))
  }

  #taskOf(event: LifeEvent): Unwritten | undefined {
    const { taskId } = event.task
    const known = this.#tasks.get(taskId)
    if (known) return known
    if (this.#tasks.size >= maxTasks) {
      this.#host?.fault(new Error(`The table is too far behind: ${event.kind} is not written`), taskId)
      return undefined
    }
    const { createDefaults = {} } = this.options
    const defaults = typeof createDefaults === 'function' ? createDefaults(event) : createDefaults
    const fresh = { whole: {}, changes: {}, isBusy: false, pauseMs: firstPauseMs, wake: null }
    const task: Unwritten = { taskId, defaults, ...fresh }
    this.#tasks.set(taskId, task)
    return task
  }

  #queue(task: Unwritten): void {
    task.isBusy = true
    this.#ready.push(task)
    this.#next()
  }

  #next(): void {
    while (this.#active < this.concurrency) {
      const task = this.#ready.shift()
      if (!task) break
      this.#active += 1
      void this.#write(task)
    }
    if (this.#tasks.size === 0) this.#onIdle?.()
  }

  async #write(task: Unwritten): Promise<void> {
    const { changes } = task
    task.changes = {}
    const isWritten = await this.#try(task, changes)
    this.#active -= 1
    if (!isWritten) {
      task.changes = { ...changes, ...task.changes }
      this.#retry(task)
    } else {
      task.pauseMs = firstPauseMs
      task.isBusy = false
      if (Object.keys(task.changes).length > 0) this.#queue(task)
      // Each event says everything that is known, so what is written needs no place in memory.
      else this.#tasks.delete(task.taskId)
    }
    this.#next()
  }

  async #try({ taskId, defaults, whole }: Unwritten, update: SinkRow): Promise<boolean> {
    try {
      await this.options.upsert({ taskId, insert: { ...defaults, ...whole }, update })
      return true
    } catch (error) {
      this.#host?.fault(error, taskId)
      return false
    }
  }

  #retry(task: Unwritten): void {
    if (this.#isClosing) {
      this.#lost += 1
      this.#tasks.delete(task.taskId)
      return
    }
    const goOn = (): void => {
      task.wake = null
      callOff?.()
      this.#queue(task)
    }
    const callOff = this.#host?.clock.after(task.pauseMs, goOn)
    task.wake = goOn
    task.pauseMs = Math.min(longestPauseMs, task.pauseMs * 2)
  }
}
