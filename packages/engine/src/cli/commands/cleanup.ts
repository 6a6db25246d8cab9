import { none, type Call, type Command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { exitCodes, type ExitCode } from '../exit.ts'
import { readSpan } from '../filter.ts'
import { connecting } from '../options.ts'
import { reasonBody } from '../reason.ts'
import type { Server } from '../server.ts'
import { tasksWords } from '../words.ts'

/** `taskloom cleanup` */
export const cleanup: Command = {
  name: 'cleanup',
  operands: '',
  count: none,
  words: 'delete tasks that ended long ago; interrupted ones only when --status names them',
  options: ['older-than', 'status', 'dry-run', 'yes', 'reason', ...connecting],
  run: cleanUp,
}

/** What is counted before it is asked whether to go on. */
const countedAtMost = 10_000
const usual = ['success', 'failed', 'cancelled'] as const

async function cleanUp(call: Call): Promise<ExitCode> {
  const { input, world, print } = call
  const { value, unit, ms } = readSpan(input.text('older-than'))
  const statuses = input.list('status')
  const server = await call.connect()
  const meant = statuses.length === 0 ? usual : statuses
  if (input.has('dry-run') || !input.has('yes')) {
    const { count, isCapped } = await countOlder(server, meant, world.now() - ms)
    const words = `${isCapped ? 'more than ' : ''}${tasksWords(count)}`
    if (input.has('dry-run')) {
      await print.answer({ dry_run: true, count, is_capped: isCapped }, () => `Delete: ${words}`)
      return exitCodes.ok
    }
    await confirm(call, `Delete ${words}`, count)
  }
  const params = new URLSearchParams({ value: String(value), unit })
  for (const status of statuses) params.append('status', status)
  const { wire, value: answer } = await server.ask('clearHistory', { params, body: reasonBody(input) })
  await print.answer(wire, () => `Deleted ${tasksWords(answer.deleted)}`)
  return exitCodes.ok
}

/** How many ended before an instant: from the oldest end on, until one that ended later. */
async function countOlder(server: Server, statuses: readonly string[], before: number) {
  const params = new URLSearchParams({ sort: 'end_time', order: 'asc', limit: '500' })
  for (const status of statuses) params.append('status', status)
  let count = 0
  for (;;) {
    const { value } = await server.ask('list', { params })
    const older = value.tasks.filter(({ endTime }) => endTime !== null && endTime < before).length
    count += older
    if (older < value.tasks.length || value.nextCursor === null) return { count, isCapped: false }
    if (count >= countedAtMost) return { count, isCapped: true }
    params.set('cursor', value.nextCursor)
  }
}
