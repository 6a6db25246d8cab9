import type { ScheduleView } from '@taskloom/protocol'
import { none, one, type Call, type Command } from '../command.ts'
import { exitCodes, type ExitCode } from '../exit.ts'
import { connecting } from '../options.ts'
import { reasonBody } from '../reason.ts'
import type { Style } from '../style.ts'
import { formatTable } from '../table.ts'
import { safeText } from '../text.ts'
import { agoWords } from '../words.ts'

const verb = { operands: 'NAME', count: one, options: ['reason', ...connecting] } as const

/** `taskloom schedules …` */
export const schedules: readonly Command[] = [
  {
    name: 'schedules list',
    operands: '',
    count: none,
    words: 'list schedules with their next and last runs; a local store needs --module',
    options: connecting,
    run: listSchedules,
  },
  { ...verb, name: 'schedules run', words: 'enqueue the function of a schedule now', run: runSchedule },
  { ...verb, name: 'schedules pause', words: 'let its slots pass', run: (call) => change(call, 'pauseSchedule') },
  {
    ...verb,
    name: 'schedules resume',
    words: 'go on with the next slot',
    run: (call) => change(call, 'resumeSchedule'),
  },
]

/** Schedules under each other. */
export function scheduleTable(
  rows: readonly ScheduleView[],
  style: Style,
  columns: number | null,
  now: number,
): string {
  return formatTable(
    [
      { head: 'SCHEDULE', cell: ({ funcName }) => funcName, least: 12 },
      { head: 'STATUS', cell: ({ status }) => status, isState: true },
      { head: 'WHEN', cell: ({ description }) => description, least: 12 },
      { head: 'ZONE', cell: ({ timezone }) => timezone, dispensable: 3 },
      {
        head: 'NEXT',
        cell: ({ nextRuns, status }) => (status === 'paused' ? '–' : agoWords(nextRuns[0] ?? null, now)),
      },
      { head: 'LAST', cell: ({ lastRun }) => agoWords(lastRun, now), dispensable: 1 },
      { head: 'ENDED', cell: ({ lastStatus }) => lastStatus ?? '–', isState: true, dispensable: 2 },
      { head: 'MISSED', cell: ({ missed }) => String(missed), isNumber: true, dispensable: 4 },
    ],
    rows,
    style,
    columns,
  )
}

async function listSchedules({ world, print, connect }: Call): Promise<ExitCode> {
  const server = await connect()
  const { wire, value } = await server.ask('schedules')
  await print.answer(wire, () =>
    value.length === 0 ? 'No schedules' : scheduleTable(value, print.style, print.columns, world.now()),
  )
  if (server.kind === 'local' && !server.hasModule) {
    await print.note('Schedules are defined in code: give --module FILE to see them')
  }
  return exitCodes.ok
}

async function runSchedule({ input, print, connect }: Call): Promise<ExitCode> {
  const server = await connect()
  const { wire, value } = await server.ask('runSchedule', { at: nameOf(input.operands), body: reasonBody(input) })
  await print.answer(wire, () => `Enqueued as ${safeText(value.taskId)}`)
  return exitCodes.ok
}

async function change({ input, print, connect }: Call, route: 'pauseSchedule' | 'resumeSchedule'): Promise<ExitCode> {
  const server = await connect()
  const { wire, value } = await server.ask(route, { at: nameOf(input.operands), body: reasonBody(input) })
  await print.answer(wire, () => `${safeText(value.funcName)} is ${print.style.state(value.status)}`)
  return exitCodes.ok
}

function nameOf([name = '']: readonly string[]): { readonly name: string } {
  return { name }
}
