import type { Call, Command } from '../command.ts'
import { none } from '../command.ts'
import { filterParams, filtering } from '../filter.ts'
import { connecting } from '../options.ts'
import { countWords, taskTable } from '../words.ts'
import { exitCodes, type ExitCode } from '../exit.ts'

/** `taskloom tasks` */
export const tasks: Command = {
  name: 'tasks',
  operands: '',
  count: none,
  words: 'list tasks, the newest first',
  options: [...filtering, 'sort', 'order', 'limit', 'cursor', ...connecting],
  run: listTasks,
}

async function listTasks({ input, world, print, connect }: Call): Promise<ExitCode> {
  const params = filterParams(input, world.now())
  for (const name of ['sort', 'order', 'limit', 'cursor'] as const) {
    const text = input.text(name)
    if (text !== undefined) params.set(name, text)
  }
  const server = await connect()
  const { wire, value } = await server.ask('list', { params })
  await print.answer(wire, () => {
    if (value.tasks.length === 0) return 'No tasks'
    const total = countWords(value.total) + (value.totalIsCapped ? '+' : '')
    const rest = value.nextCursor === null ? '' : `; more: --cursor ${value.nextCursor}`
    const table = taskTable(value.tasks, { style: print.style, columns: print.columns, now: world.now() })
    return `${table}${print.style.faint(`${value.tasks.length} of ${total}${rest}`)}`
  })
  return exitCodes.ok
}
