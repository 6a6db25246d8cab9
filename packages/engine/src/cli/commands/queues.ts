import { taskStatuses, type QueueCount } from '@taskloom/protocol'
import { none, one, type Call, type Command } from '../command.ts'
import { exitCodes, type ExitCode } from '../exit.ts'
import { connecting } from '../options.ts'
import type { Style } from '../style.ts'
import { reasonBody } from '../reason.ts'
import { formatTable } from '../table.ts'
import { safeText } from '../text.ts'
import { countWords } from '../words.ts'

const verb = { operands: 'NAME', count: one, options: ['reason', ...connecting] } as const
const done = { pauseQueue: 'is paused', resumeQueue: 'goes on', drainQueue: 'runs dry' } as const

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
    words: 'pause it and let what runs come to its end',
    run: (call) => act(call, 'drainQueue'),
  },
]

/** Queues under each other. */
export function queueTable(rows: readonly QueueCount[], style: Style, columns: number | null): string {
  return formatTable(
    [
      { head: 'QUEUE', cell: ({ queue }) => queue, least: 8 },
      { head: 'TOTAL', cell: ({ total }) => countWords(total), isNumber: true },
      ...taskStatuses.map((word, at) => ({
        head: word.toUpperCase(),
        cell: ({ counts }: QueueCount) => countWords(counts[word] ?? 0),
        isNumber: true as const,
        dispensable: at + 1,
      })),
    ],
    rows,
    style,
    columns,
  )
}

async function listQueues({ print, connect }: Call): Promise<ExitCode> {
  const server = await connect()
  const { wire, value } = await server.ask('queues')
  await print.answer(wire, () => (value.length === 0 ? 'No queues' : queueTable(value, print.style, print.columns)))
  return exitCodes.ok
}

async function act({ input, print, connect }: Call, route: keyof typeof done): Promise<ExitCode> {
  const server = await connect()
  const [name = ''] = input.operands
  const { wire } = await server.ask(route, { at: { name }, body: reasonBody(input) })
  await print.answer(wire, () => `${safeText(name)} ${done[route]}`)
  return exitCodes.ok
}
