import type { LogEntry } from '@taskloom/protocol'
import type { FunctionOptions, TaskManager, TaskManagerOptions, TaskRecord } from '@taskloom/engine'
import { openManager } from './open-manager.ts'

export const workerTasks = new URL('./fixtures/worker-tasks.mjs', import.meta.url)

export type WorkerKind = 'thread' | 'process'

export interface WorkerManager {
  readonly tasks: TaskManager
  /** Runs an export of the fixture once, to its end. */
  run(name: string, args?: readonly unknown[], options?: FunctionOptions): Promise<TaskRecord>
  /** Enqueues it and gives the task's id. */
  begin(name: string, args?: readonly unknown[], options?: FunctionOptions): Promise<string>
  logs(id: string): Promise<readonly LogEntry[]>
}

/** A started manager whose functions are the exports of the fixture. */
export async function openWorkers(executor: WorkerKind, options: TaskManagerOptions = {}): Promise<WorkerManager> {
  const tasks = openManager({ threads: 1, processes: 1, ...options })
  await tasks.start()
  let defined = 0
  const begin: WorkerManager['begin'] = async (name, args = [], own = {}) => {
    defined += 1
    const target = { module: workerTasks, export: name }
    const task = tasks.define(`${name}_${defined}`, { ...own, executor }, target)
    return (await task.enqueue(...args)).id
  }
  return {
    tasks,
    begin,
    run: async (name, args, own) => tasks.wait(await begin(name, args, own)),
    logs: async (taskId) =>
      (await tasks.source.logs({ taskId, after: 0, minLevel: null, text: null, limit: 500 })).logs,
  }
}

/** The result of a task whose result is plain JSON. */
export function resultOf({ result }: TaskRecord): unknown {
  return result === null ? null : JSON.parse(result)
}
