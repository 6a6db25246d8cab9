import type { Json } from '@taskloom/protocol'
import { any, none, type Call, type Command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { chooseIds, choosing, readDeadLetters } from '../dead-letters.ts'
import { doEach, stoppedAfter } from '../each.ts'
import { exitCodes, usageError, type ExitCode } from '../exit.ts'
import { hintFor } from '../hint.ts'
import { connecting } from '../options.ts'
import { startProgress } from '../progress.ts'
import { reasonBody } from '../reason.ts'
import type { Server } from '../server.ts'
import { formatTable } from '../table.ts'
import { safeText } from '../text.ts'
import { agoWords, tasksWords } from '../words.ts'
import { exportDeadLetters } from './dead-letter-export.ts'

const selecting = [...choosing, 'all', 'dry-run', 'yes'] as const

/** `taskloom dead-letter …` */
export const deadLetter: readonly Command[] = [
  {
    name: 'dead-letter list',
    operands: '',
    count: none,
    words: 'list tasks that failed for good, the latest first',
    options: [...choosing, 'limit', ...connecting],
    run: listDeadLetters,
  },
  {
    name: 'dead-letter replay',
    operands: '[ID…]',
    count: any,
    words: 'retry them; those that have a live or successful retry are skipped',
    options: [...selecting, 'again', 'reason', ...connecting],
    run: replayDeadLetters,
  },
  {
    name: 'dead-letter delete',
    operands: '[ID…]',
    count: any,
    words: 'delete them for good',
    options: [...selecting, 'reason', ...connecting],
    run: deleteDeadLetters,
  },
  {
    name: 'dead-letter export',
    operands: '[ID…]',
    count: any,
    words: 'write them to a file',
    options: [...choosing, 'all', 'format', 'output', ...connecting],
    run: exportDeadLetters,
  },
]

async function listDeadLetters({ input, world, print, connect }: Call): Promise<ExitCode> {
  const limit = readLimit(input.text('limit'))
  const server = await connect()
  const rows = []
  const wire: Json[] = []
  for await (const page of readDeadLetters(server, input, world.now(), world.signal)) {
    rows.push(...page.tasks)
    wire.push(...page.wire)
    if (rows.length >= limit) break
  }
  const shown = rows.slice(0, limit)
  await print.answer({ tasks: wire.slice(0, limit) }, () => {
    if (shown.length === 0) return 'No dead letters'
    const columns = [
      { head: 'ID', cell: (task: (typeof shown)[number]) => task.taskId },
      { head: 'FUNCTION', cell: (task: (typeof shown)[number]) => task.funcName, least: 12 },
      { head: 'FAILED', cell: (task: (typeof shown)[number]) => agoWords(task.endTime, world.now()), dispensable: 1 },
      {
        head: 'RETRIED',
        cell: (task: (typeof shown)[number]) => String(task.retryCount),
        isNumber: true,
        dispensable: 2,
      },
      { head: 'ERROR', cell: (task: (typeof shown)[number]) => task.error ?? '', least: 16 },
    ] as const
    return formatTable(columns, shown, print.style, print.columns)
  })
  return exitCodes.ok
}

async function replayDeadLetters(call: Call): Promise<ExitCode> {
  const ids = await chosen(call, 'Retry')
  if (ids === null) return exitCodes.ok
  return replay(call, await call.connect(), ids)
}

async function deleteDeadLetters(call: Call): Promise<ExitCode> {
  const ids = await chosen(call, 'Delete')
  if (ids === null) return exitCodes.ok
  const server = await call.connect()
  const exitCode = await doEach(call, server, ids, {
    verb: 'Deleting',
    sum: call.input.has('all') ? 'Deleted' : null,
    async act(taskId) {
      const { wire } = await server.ask('delete', { at: { task_id: taskId }, body: reasonBody(call.input) })
      return { wire, words: 'deleted' }
    },
  })
  return exitCode
}

/** The ids to go on with, asked for when they are many; null when it was only to look, or there are none. */
async function chosen(call: Call, verb: string): Promise<readonly string[] | null> {
  const { input, world, print } = call
  const server = await call.connect()
  const { ids, isNamed } = await chooseIds(server, input, world.now(), world.signal)
  if (input.has('dry-run') || ids.length === 0) {
    const sample = ids.slice(0, sampleSize)
    await print.answer({ dry_run: input.has('dry-run'), count: ids.length, sample }, () =>
      [`${verb}: ${tasksWords(ids.length)}`, ...sample.map(safeText)].join('\n'),
    )
    return null
  }
  if (!isNamed) await confirm(call, `${verb} ${tasksWords(ids.length)}`, ids.length)
  return ids
}

const sampleSize = 10
/** Few enough that each answer comes soon, and with it the progress. */
const atOnce = 100

async function replay(call: Call, server: Server, ids: readonly string[]): Promise<ExitCode> {
  const { input, print, world } = call
  const progress = startProgress(world, 'Retrying', ids.length)
  const results: Json[] = []
  const reasons = new Map<string, number>()
  let dispatched = 0
  for (let start = 0; start < ids.length; start += atOnce) {
    if (world.signal.aborted) throw await stoppedAfter(call, start, ids.length)
    const taskIds = ids.slice(start, start + atOnce)
    const body = { ...reasonBody(input), task_ids: taskIds, ...(input.has('again') ? { again: true } : {}) }
    const { wire, value } = await server.ask('bulkRetry', { body })
    results.push(...(wire as { readonly results: readonly Json[] }).results)
    dispatched += value.dispatched
    for (const { reason } of value.results) if (reason !== null) reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    await progress.to(start + taskIds.length)
  }
  await progress.end()
  await print.answer({ dispatched, skipped: ids.length - dispatched, results }, () =>
    [`Retried ${tasksWords(dispatched)}`, ...[...reasons].map(([reason, count]) => `Skipped ${count}: ${reason}`)].join(
      '\n',
    ),
  )
  const hint = reasons.has('not_registered') ? hintFor('not_registered', server) : null
  if (hint) await print.note(hint)
  // A second call has nothing to do, and has not failed.
  return [...reasons.keys()].every((reason) => reason === 'already_retried') ? exitCodes.ok : exitCodes.failed
}

function readLimit(text: string | undefined): number {
  const limit = text === undefined ? 50 : Number(text)
  if (Number.isInteger(limit) && limit >= 1 && limit <= 100_000) return limit
  throw usageError('--limit: expected a whole number from 1 to 100,000')
}
