import { queueCount, scheduleView, type Json } from '@taskloom/protocol'
import { none, type Call, type Command } from '../command.ts'
import { exitCodes, type ExitCode } from '../exit.ts'
import { connecting } from '../options.ts'
import type { Printer } from '../print.ts'
import { formatTable } from '../table.ts'
import { askIfOffered, instantAt, rowsOf, textAt, type WireRow } from '../wire.ts'
import { agoWords } from '../words.ts'
import { queueTable } from './queues.ts'
import { scheduleTable } from './schedules.ts'
import { workerTable } from './workers.ts'

/** `taskloom inspect` */
export const inspect: Command = {
  name: 'inspect',
  operands: '',
  count: none,
  words: 'workers, schedules, queues, locks and drift, as far as they are offered',
  options: connecting,
  run: inspectAll,
}

const parts = ['workers', 'schedules', 'queues', 'locks', 'drift'] as const
type Part = (typeof parts)[number]

async function inspectAll({ world, print, connect }: Call): Promise<ExitCode> {
  const server = await connect()
  const answers = await Promise.all(parts.map(async (part) => [part, await askIfOffered(server, part)] as const))
  await print.answer(Object.fromEntries(answers), () =>
    answers.map(([part, wire]) => `${heading(part, print)}\n${describe(part, wire, print, world.now())}`).join('\n'),
  )
  return exitCodes.ok
}

function heading(part: Part, { style }: Printer): string {
  return style.strong(part.slice(0, 1).toUpperCase() + part.slice(1))
}

function describe(part: Part, wire: Json, print: Printer, now: number): string {
  if (wire === null) return 'not offered\n'
  const rows = rowsOf(wire, part)
  if (part === 'drift') return driftTable(wire, print)
  if (rows.length === 0) return 'none\n'
  return tables[part](rows, print, now)
}

const tables: Readonly<
  Record<Exclude<Part, 'drift'>, (rows: readonly WireRow[], print: Printer, now: number) => string>
> = {
  workers: (rows, { style, columns }, now) => workerTable(rows, style, columns, now),
  schedules: (rows, { style, columns }, now) =>
    scheduleTable(
      rows.map((row) => scheduleView.decode(row)),
      style,
      columns,
      now,
    ),
  queues: (rows, { style, columns }) =>
    queueTable(
      rows.map((row) => queueCount.decode(row)),
      style,
      columns,
    ),
  locks: lockTable,
}

function lockTable(rows: readonly WireRow[], { style, columns }: Printer, now: number): string {
  return formatTable<WireRow>(
    [
      { head: 'LOCK', cell: (row) => textAt(row, 'key'), least: 12 },
      { head: 'TASK', cell: (row) => textAt(row, 'task_id') },
      { head: 'FUNCTION', cell: (row) => textAt(row, 'func_name'), least: 10, dispensable: 1 },
      { head: 'FOR', cell: (row) => textAt(row, 'user_label'), least: 6, dispensable: 2 },
      { head: 'SINCE', cell: (row) => agoWords(instantAt(row, 'since'), now) },
    ],
    rows,
    style,
    columns,
  )
}

/** Its records have the function's name and facts beside it; what there is besides is told, too. */
function driftTable(wire: Json, { style, columns }: Printer): string {
  const rows = rowsOf(wire, 'functions')
  const [first] = rows
  if (!first) return 'none\n'
  const keys = Object.keys(first)
  const shape = keys.map((key) => ({
    head: key.toUpperCase().replaceAll('_', ' '),
    cell: (row: WireRow) => textAt(row, key),
    least: 8,
  }))
  return formatTable(shape, rows, style, columns)
}
