import { health as healthCodec, taskStatuses, type Health, type Json, type Metrics } from '@taskloom/protocol'
import { none, type Call, type Command } from '../command.ts'
import { exitCodes, type ExitCode } from '../exit.ts'
import { connecting } from '../options.ts'
import type { Style } from '../style.ts'
import { formatFields } from '../table.ts'
import { safeText } from '../text.ts'
import { askIfOffered, numberAt, rowsOf, textAt, type WireRow } from '../wire.ts'
import { countWords, durationWords, shareWords } from '../words.ts'

/** `taskloom status` */
export const status: Command = {
  name: 'status',
  operands: '',
  count: none,
  words: 'totals, queues, workers and health at a glance; exit code 1 when something is down',
  options: connecting,
  run: showStatus,
}

async function showStatus({ print, connect }: Call): Promise<ExitCode> {
  const server = await connect()
  const [totals, asked, workers, queues] = await Promise.all([
    server.ask('metrics'),
    server.ask('health'),
    askIfOffered(server, 'workers'),
    server.ask('queues'),
  ])
  const health = server.kind === 'local' ? ofStore(asked.value) : asked.value
  const oldestWait = oldestOf(queues.wire)
  const counts = workers === null ? null : countWorkers(rowsOf(workers, 'workers'))
  const document = {
    totals: totals.wire,
    oldest_wait: oldestWait,
    workers: counts,
    health: healthCodec.encode(health),
  }
  await print.answer(
    document,
    () =>
      describeTotals(totals.value, print.style) +
      describeWorkers(counts, oldestWait, print.style) +
      describeHealth(health, print.style),
  )
  return health.status === 'down' ? exitCodes.failed : exitCodes.ok
}

/** How long the task that waits longest has been due, in seconds; null when none is due or nobody says. */
function oldestOf(queues: Json): number | null {
  const waits = rowsOf(queues, 'queues').map((row) => numberAt(row, 'oldest_wait') ?? -1)
  const oldest = Math.max(-1, ...waits)
  return oldest < 0 ? null : oldest
}

function countWorkers(workers: readonly WireRow[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const row of workers) counts[textAt(row, 'status')] = (counts[textAt(row, 'status')] ?? 0) + 1
  return counts
}

function describeWorkers(counts: Readonly<Record<string, number>> | null, oldestWait: number | null, style: Style) {
  const words = Object.entries(counts ?? {}).map(([state, count]) => `${count} ${style.state(state)}`)
  return formatFields([
    ['Oldest wait', oldestWait === null ? null : durationWords(oldestWait * 1_000)],
    ['Workers', counts === null ? null : words.join(', ') || 'none: nothing runs tasks'],
  ])
}

/** The other checks are about the process that answers, and that is this command. */
function ofStore({ checks }: Health): Health {
  const own = checks.filter(({ name }) => name === 'store')
  return { status: own[0]?.status ?? 'ok', checks: own }
}

function describeTotals(totals: Metrics, style: Style): string {
  return formatFields([
    [style.strong('Tasks'), countWords(totals.total)],
    ...taskStatuses.map((word) => [style.state(word), countWords(totals[word])] as const),
    ['Succeeded', totals.successRate === null ? null : shareWords(totals.successRate)],
    ['Duration', totals.avgDurationMs === null ? null : durationsOf(totals)],
    ['Wait', totals.avgWaitMs === null ? null : `${durationWords(totals.avgWaitMs)} on average`],
  ])
}

function durationsOf({ avgDurationMs, p95DurationMs }: Metrics): string {
  return `${durationWords(avgDurationMs)} on average, 95 of 100 within ${durationWords(p95DurationMs)}`
}

function describeHealth({ status: word, checks }: Health, style: Style): string {
  const lines = checks.map(({ name, status: how, detail }) => {
    const words = detail === null ? '' : `  ${safeText(detail)}`
    return `  ${safeText(name)}  ${style.state(how)}${words}`
  })
  return [`Health  ${style.state(word)}`, ...lines, ''].join('\n')
}
