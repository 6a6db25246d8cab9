import { none, type Call, type Command } from '../command.ts'
import { exitCodes, type ExitCode } from '../exit.ts'
import { connecting } from '../options.ts'
import type { Style } from '../style.ts'
import { formatTable } from '../table.ts'
import { instantAt, nameAt, numberAt, rowsOf, textAt, type WireRow } from '../wire.ts'
import { agoWords, durationWords } from '../words.ts'

/** `taskloom workers` */
export const workers: Command = {
  name: 'workers',
  operands: '',
  count: none,
  words: 'list the processes that run tasks',
  options: connecting,
  run: listWorkers,
}

/** Workers under each other. */
export function workerTable(rows: readonly WireRow[], style: Style, columns: number | null, now: number): string {
  return formatTable<WireRow>(
    [
      { head: 'WORKER', cell: (row) => textAt(row, 'worker_id') },
      { head: 'STATUS', cell: (row) => textAt(row, 'status'), isState: true },
      { head: 'HOST', cell: (row) => `${textAt(row, 'hostname')}:${nameAt(row, 'pid')}`, least: 8 },
      { head: 'RUNNING', cell: (row) => `${textAt(row, 'running')}/${textAt(row, 'concurrency')}`, isNumber: true },
      { head: 'HEARD', cell: (row) => agoWords(instantAt(row, 'last_heartbeat'), now), dispensable: 2 },
      { head: 'UP', cell: (row) => secondsWords(numberAt(row, 'uptime')), isNumber: true, dispensable: 3 },
      { head: 'CPU %', cell: (row) => textAt(row, 'cpu_percent'), isNumber: true, dispensable: 4 },
      { head: 'MEMORY', cell: (row) => bytesWords(numberAt(row, 'rss_bytes')), isNumber: true, dispensable: 5 },
      { head: 'LAG', cell: (row) => durationWords(numberAt(row, 'event_loop_lag_ms')), isNumber: true, dispensable: 6 },
      { head: 'QUEUES', cell: (row) => textAt(row, 'queues'), least: 7, dispensable: 7 },
      { head: 'VERSION', cell: (row) => textAt(row, 'version'), dispensable: 8 },
    ],
    rows,
    style,
    columns,
  )
}

async function listWorkers({ world, print, connect }: Call): Promise<ExitCode> {
  const server = await connect()
  const { wire } = await server.ask('workers')
  const rows = rowsOf(wire, 'workers')
  await print.answer(wire, () =>
    rows.length === 0 ? 'No workers: nothing runs tasks' : workerTable(rows, print.style, print.columns, world.now()),
  )
  return exitCodes.ok
}

function secondsWords(seconds: number | null): string {
  return durationWords(seconds === null ? null : seconds * 1_000)
}

function bytesWords(bytes: number | null): string {
  return bytes === null ? '–' : `${Math.round(bytes / 1_048_576)} MiB`
}
