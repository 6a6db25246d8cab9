import { taskStatuses } from '@taskloom/protocol'
import { none, one, type Call, type Command } from '../command.ts'
import { exitCodes, type ExitCode } from '../exit.ts'
import { connecting } from '../options.ts'
import type { Style } from '../style.ts'
import { reasonBody } from '../reason.ts'
import { formatTable } from '../table.ts'
import { safeText } from '../text.ts'
import { isRow, numberAt, rowsOf, textAt, type WireRow } from '../wire.ts'
import { countWords, durationWords } from '../words.ts'
import { drainQueue } from './queue-drain.ts'

const verb = { operands: 'NAME', count: one, options: ['reason', ...connecting] } as const
const done = { pauseQueue: 'is paused', resumeQueue: 'goes on' } as const

/** `taskloom queues …` */
export const queues: readonly Command[] = [
  {
    name: 'queues list',
    operands: '',
    count: none,
    words: 'list queues with their tasks by status',
    options: connecting,
    run: listQueues,
  },
  {
    ...verb,
    name: 'queues pause',
    words: 'start nothing of it in any process',
    run: (call) => act(call, 'pauseQueue'),
  },
  { ...verb, name: 'queues resume', words: 'start again what waits in it', run: (call) => act(call, 'resumeQueue') },
  {
    ...verb,
    name: 'queues drain',
    words: 'cancel what waits in it',
    options: ['yes', ...verb.options],
    run: drainQueue,
  },
]

/** Queues under each other; a column that the server says nothing of is left out. */
export function queueTable(rows: readonly WireRow[], style: Style, columns: number | null): string {
  const isTold = (key: string): boolean => rows.some((row) => row[key] !== undefined)
  const told = [
    { key: 'paused', head: 'STATE', cell: stateOf, isState: true as const },
    { key: 'oldest_wait', head: 'OLDEST WAIT', cell: oldestWait, isNumber: true as const, dispensable: 8 },
    {
      key: 'throughput',
      head: 'PER MIN',
      cell: (row: WireRow) => textAt(row, 'throughput'),
      isNumber: true as const,
      dispensable: 9,
    },
    {
      key: 'workers',
      head: 'WORKERS',
      cell: (row: WireRow) => textAt(row, 'workers'),
      isNumber: true as const,
      dispensable: 10,
    },
  ].filter(({ key }) => isTold(key))
  return formatTable<WireRow>(
    [
      { head: 'QUEUE', cell: (row) => textAt(row, 'queue'), least: 8 },
      ...told.slice(0, 1),
      { head: 'TOTAL', cell: (row) => textAt(row, 'total'), isNumber: true },
      ...taskStatuses.map((word, at) => ({
        head: word.toUpperCase(),
        cell: (row: WireRow) => countWords(countOf(row, word)),
        isNumber: true as const,
        dispensable: at + 1,
      })),
      ...told.slice(1),
    ],
    rows,
    style,
    columns,
  )
}

function stateOf(row: WireRow): string {
  return row['paused'] === true ? 'paused' : 'active'
}

function oldestWait(row: WireRow): string {
  const seconds = numberAt(row, 'oldest_wait')
  return durationWords(seconds === null ? null : seconds * 1_000)
}

/** A status without tasks may be absent. */
function countOf({ counts }: WireRow, word: string): number {
  const count = isRow(counts) ? counts[word] : 0
  return typeof count === 'number' ? count : 0
}

async function listQueues({ print, connect }: Call): Promise<ExitCode> {
  const server = await connect()
  const { wire } = await server.ask('queues')
  const rows = rowsOf(wire, 'queues')
  await print.answer(wire, () => (rows.length === 0 ? 'No queues' : queueTable(rows, print.style, print.columns)))
  return exitCodes.ok
}

async function act({ input, print, connect }: Call, route: keyof typeof done): Promise<ExitCode> {
  const server = await connect()
  const [name = ''] = input.operands
  const { wire } = await server.ask(route, { at: { name }, body: reasonBody(input) })
  await print.answer(wire, () => `${safeText(name)} ${done[route]}`)
  return exitCodes.ok
}
