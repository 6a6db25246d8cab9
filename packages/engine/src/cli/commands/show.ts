import type { Json, LogEntry, TaskDetail } from '@taskloom/protocol'
import { one, type Call, type Command } from '../command.ts'
import { exitCodes, type ExitCode } from '../exit.ts'
import { connecting } from '../options.ts'
import type { Server } from '../server.ts'
import type { Style } from '../style.ts'
import { formatFields, formatTable } from '../table.ts'
import { safeLines, safeText } from '../text.ts'
import { durationWords, instantWords, logLine } from '../words.ts'

/** `taskloom show` */
export const show: Command = {
  name: 'show',
  operands: 'ID',
  count: one,
  words: 'everything known of one task',
  options: ['logs', ...connecting],
  run: showTask,
}

const logPageSize = '500'

async function showTask({ input, world, print, connect }: Call): Promise<ExitCode> {
  const server = await connect()
  const taskId = input.operands[0] ?? ''
  const { wire, value } = await server.ask('detail', { at: { task_id: taskId } })
  const logs = input.has('logs') ? await readLogs(server, taskId) : null
  const document = logs === null ? wire : { ...(wire as object), logs: logs.wire, logs_next: null }
  await print.answer(document, () => {
    const parts = [describe(value, print.style, world.now()), attemptsTable(value, print.style, print.columns)]
    if (value.stacktrace) parts.push(safeLines(value.stacktrace))
    if (logs) parts.push(logs.lines.length === 0 ? 'No log' : logs.lines.map(logLine).join('\n'))
    return parts.filter((part) => part !== '').join('\n')
  })
  return exitCodes.ok
}

async function readLogs(server: Server, taskId: string) {
  const lines: LogEntry[] = []
  const wire: Json[] = []
  let after: number | null = 0
  while (after !== null) {
    const params = new URLSearchParams({ after: String(after), limit: logPageSize })
    const page: Awaited<ReturnType<typeof readLogPage>> = await readLogPage(server, taskId, params)
    lines.push(...page.value.logs)
    wire.push(...(page.wire as { readonly logs: readonly Json[] }).logs)
    // A server that answers with the place it was given would keep us for ever.
    after = page.value.logsNext !== null && page.value.logsNext > after ? page.value.logsNext : null
  }
  return { lines, wire }
}

function readLogPage(server: Server, taskId: string, params: URLSearchParams) {
  return server.ask('logs', { at: { task_id: taskId }, params })
}

function describe(task: TaskDetail, style: Style, now: number): string {
  const tags = Object.entries(task.tags).map(([key, value]) => `${key}:${value}`)
  const data = (value: Json | undefined): string | null =>
    value === undefined || value === null ? null : safeText(JSON.stringify(value))
  return formatFields([
    ['ID', safeText(task.taskId)],
    ['Function', safeText(task.funcName)],
    ['Status', style.state(safeText(task.status))],
    ['Queue', safeText(task.queue)],
    ['Created', instantWords(task.createdAt, now)],
    ['Due', instantWords(task.runAt, now)],
    ['Started', instantWords(task.startTime, now)],
    ['Ended', instantWords(task.endTime, now)],
    ['Duration', task.durationMs === null ? null : durationWords(task.durationMs)],
    ['Waited', task.waitMs === null ? null : durationWords(task.waitMs)],
    ['Retries', `${task.retriesUsed} of ${task.maxRetries}`],
    ['Source', safeText(task.source)],
    ['Priority', task.priority === null ? null : String(task.priority)],
    ['Tags', tags.length === 0 ? null : safeText(tags.join(' '))],
    ['For', task.userLabel === null ? null : safeText(task.userLabel)],
    ['Worker', task.workerId],
    ['Retried from', task.retriedFrom],
    ['Retried as', task.retries.length === 0 ? null : safeText(task.retries.join(' '))],
    ['Arguments', data(task.args)],
    ['Result', data(task.result)],
    ['Progress', data(task.progress)],
    ['Error', task.error === null ? null : safeText(task.error)],
  ])
}

function attemptsTable(task: TaskDetail, style: Style, columns: number | null): string {
  if (task.attempts.length === 0) return ''
  return formatTable(
    [
      { head: 'ATTEMPT', cell: ({ attempt }) => String(attempt), isNumber: true },
      { head: 'STARTED', cell: ({ startedAt }) => new Date(startedAt).toISOString() },
      {
        head: 'DURATION',
        cell: ({ startedAt, endedAt }) => durationWords(endedAt === null ? null : endedAt - startedAt),
        isNumber: true,
      },
      { head: 'OUTCOME', cell: ({ outcome }) => outcome ?? 'running', isState: true },
      { head: 'ERROR', cell: ({ error }) => error ?? '', least: 10 },
    ],
    task.attempts,
    style,
    columns,
  )
}
