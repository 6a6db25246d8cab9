import type { Json } from '@taskloom/protocol'
import { none, type Call, type Command } from '../command.ts'
import { exitCodes, interruptedError, type ExitCode } from '../exit.ts'
import { readTime } from '../filter.ts'
import { connecting } from '../options.ts'
import { formatTable } from '../table.ts'
import { safeText } from '../text.ts'
import { instantAt, nameAt, numberAt, rowsOf, textAt, type WireRow } from '../wire.ts'
import { agoWords, countWords } from '../words.ts'

const told = ['actor', 'action', 'outcome', 'limit', 'cursor'] as const

/** `taskloom audit …` */
export const audit: readonly Command[] = [
  {
    name: 'audit list',
    operands: '',
    count: none,
    words: 'list what operators did, the newest first',
    options: ['actor', 'action', 'outcome', 'since', 'until', 'limit', 'cursor', ...connecting],
    run: listAudit,
  },
  {
    name: 'audit verify',
    operands: '',
    count: none,
    words: 'check the chain of the audit log; exit code 1 when it is broken',
    options: connecting,
    run: verifyAudit,
  },
]

async function listAudit({ input, world, print, connect }: Call): Promise<ExitCode> {
  const params = new URLSearchParams()
  for (const name of told) {
    const text = input.text(name)
    if (text !== undefined) params.set(name, text)
  }
  for (const name of ['since', 'until'] as const) {
    const text = input.text(name)
    if (text !== undefined) params.set(name, new Date(readTime(text, name, world.now())).toISOString())
  }
  const server = await connect()
  const { wire } = await server.ask('audit', { params })
  const rows = rowsOf(wire, 'entries')
  await print.answer(wire, () => {
    if (rows.length === 0) return 'Nothing was done'
    const next = nameAt(wire as WireRow, 'next_cursor')
    const more = next === '–' ? '' : print.style.faint(`More: --cursor ${safeText(next)}`)
    return formatTable(columnsAt(world.now()), rows, print.style, print.columns) + more
  })
  return exitCodes.ok
}

/** Slice by slice, so that no answer has to wait for the whole log. */
async function verifyAudit({ world, print, connect }: Call): Promise<ExitCode> {
  const server = await connect()
  let from: number | null = null
  let checked = 0
  let last: WireRow = {}
  do {
    if (world.signal.aborted) throw interruptedError()
    const params = new URLSearchParams(from === null ? {} : { from: String(from) })
    const { wire } = await server.ask('verifyAudit', { params })
    last = wire as WireRow
    checked += numberAt(last, 'checked') ?? 0
    const next = numberAt(last, 'next')
    // A server that answers with the place it was given would keep us for ever.
    from = next !== null && next > (from ?? 0) ? next : null
  } while (from !== null)
  const broken: Json = last['broken'] ?? null
  await print.answer({ checked, hash: last['hash'] ?? null, broken }, () =>
    broken === null
      ? `${countWords(checked)} entries, as they were written\n${textAt(last, 'hash')}`
      : `The log is broken at entry ${textAt(broken as WireRow, 'seq')}: ${safeText(textAt(broken as WireRow, 'why'))}`,
  )
  return broken === null ? exitCodes.ok : exitCodes.failed
}

function columnsAt(now: number) {
  return [
    { head: 'SEQ', cell: (row: WireRow) => nameAt(row, 'seq'), isNumber: true, dispensable: 3 },
    { head: 'WHEN', cell: (row: WireRow) => agoWords(instantAt(row, 'at'), now) },
    { head: 'WHO', cell: (row: WireRow) => textAt(row, 'actor'), least: 8 },
    { head: 'WHAT', cell: (row: WireRow) => textAt(row, 'action') },
    { head: 'OUTCOME', cell: (row: WireRow) => textAt(row, 'outcome'), isState: true },
    { head: 'TARGET', cell: (row: WireRow) => textAt(row, 'target'), least: 12 },
    { head: 'TASKS', cell: (row: WireRow) => textAt(row, 'affected_count'), isNumber: true, dispensable: 2 },
    { head: 'REASON', cell: (row: WireRow) => textAt(row, 'reason'), least: 10, dispensable: 4 },
    { head: 'FROM', cell: (row: WireRow) => textAt(row, 'address'), dispensable: 1 },
  ] as const
}
