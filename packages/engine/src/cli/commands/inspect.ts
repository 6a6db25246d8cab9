import { scheduleView, type Json } from '@taskloom/protocol'
import { none, type Call, type Command } from '../command.ts'
import { exitCodes, type ExitCode } from '../exit.ts'
import { connecting } from '../options.ts'
import type { Printer } from '../print.ts'
import { formatTable } from '../table.ts'
import { safeText } from '../text.ts'
import { askIfOffered, instantAt, isRow, rowsOf, textAt, type WireRow } from '../wire.ts'
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
  if (part === 'drift') return driftWords(wire)
  const rows = rowsOf(wire, part)
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
  queues: (rows, { style, columns }) => queueTable(rows, style, columns),
  locks: lockTable,
}

function lockTable(rows: readonly WireRow[], { style, columns }: Printer, now: number): string {
  return formatTable<WireRow>(
    [
      { head: 'LOCK', cell: (row) => textAt(row, 'key'), least: 12 },
      { head: 'TASK', cell: (row) => textAt(row, 'task_id') },
      { head: 'FUNCTION', cell: (row) => textAt(row, 'func_name'), least: 10, dispensable: 1 },
      { head: 'FOR', cell: (row) => textAt(row, 'user'), least: 6, dispensable: 2 },
      { head: 'SINCE', cell: (row) => agoWords(instantAt(row, 'since'), now) },
    ],
    rows,
    style,
    columns,
  )
}

/** Where processes and the store do not know the same functions; one sentence for each. */
function driftWords(wire: Json): string {
  const words = [
    ...rowsOf(wire, 'unregistered').map(
      (row) => `${textAt(row, 'func_name')}: no process defines it, and ${textAt(row, 'pending')} wait`,
    ),
    ...rowsOf(wire, 'partial').map(
      (row) => `${textAt(row, 'func_name')}: defined by ${textAt(row, 'workers')}, not by ${textAt(row, 'missing')}`,
    ),
    ...listAt(wire, 'unseen').map((name) => `${name}: defined, and had no task lately`),
  ]
  return words.length === 0 ? 'none\n' : words.map((line) => `${safeText(line)}\n`).join('')
}

function listAt(wire: Json, key: string): readonly string[] {
  const list = isRow(wire) ? wire[key] : []
  return Array.isArray(list) ? (list as readonly Json[]).filter((name) => typeof name === 'string') : []
}
