import { TaskManager } from '@taskloom/engine'
import { createFetch } from '@taskloom/engine/fetch'

function start() {
  const tasks = new TaskManager({ store: 'tasks.db' })
  const countWords = tasks.define('count_words', { retries: 3 }, (text: string) => text.match(/\S+/g)?.length ?? 0)
  return { countWords, dashboard: createFetch(tasks, { path: '/tasks' }) }
}

const shared = globalThis as { work?: ReturnType<typeof start> }

// Next loads this file once for each route; the process has one manager all the same, and `next build` none.
export function work() {
  return (shared.work ??= start())
}
