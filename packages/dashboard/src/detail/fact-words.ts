import type { WordTable } from '@taskloom/client'
import type { Formats } from '../format.ts'

const names = {
  created: 'Created',
  started: 'Started',
  ended: 'Ended',
  due: 'Due',
  held: 'Due at the latest',
  waited: 'Waited',
  duration: 'Duration',
  retries: 'Retries',
  priority: 'Priority',
  queue: 'Queue',
  executor: 'Executor',
  source: 'Source',
  worker: 'Worker',
  user: 'User',
  schedule: 'Schedule',
  key: 'Idempotency key',
  trace: 'Trace',
} as const satisfies WordTable

const values = {
  async: 'in the process',
  thread: 'in a thread',
  process: 'in a process of its own',
  manual: 'code',
  scheduled: 'a schedule',
  retry: 'a retry by hand',
  api: 'the HTTP API',
} as const satisfies WordTable

/** What a fact of a task is called. */
export function factName(name: string, { say }: Formats): string {
  return Object.hasOwn(names, name) ? say(names[name as keyof typeof names]) : name
}

/** What an executor or source is called; one that is not known is its own word. */
export function factValue(value: string, { say }: Formats): string {
  return Object.hasOwn(values, value) ? say(values[value as keyof typeof values]) : value
}
