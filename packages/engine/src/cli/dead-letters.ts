import type { Json, TaskSummary } from '@taskloom/protocol'
import { interruptedError, usageError } from './exit.ts'
import { readTime } from './filter.ts'
import type { Input } from './input.ts'
import type { OptionName } from './options.ts'
import type { Server } from './server.ts'

/** The options that choose dead letters. */
export const choosing: readonly OptionName[] = ['func', 'queue', 'tag', 'since']

/** A page of dead letters, as they came and as they are read. */
export interface DeadLetters {
  readonly tasks: readonly TaskSummary[]
  readonly wire: readonly Json[]
}

const pageSize = 500

/** Tasks that failed for good, the latest first, page by page; `--since` is when they failed. */
export async function* readDeadLetters(
  server: Server,
  input: Input,
  now: number,
  signal: AbortSignal,
): AsyncGenerator<DeadLetters> {
  const params = paramsOf(input)
  params.set('limit', String(pageSize))
  const text = input.text('since')
  const since = text === undefined ? null : readTime(text, 'since', now)
  let cursor: string | null = null
  do {
    if (signal.aborted) throw interruptedError()
    if (cursor !== null) params.set('cursor', cursor)
    const page: Awaited<ReturnType<typeof readPage>> = await readPage(server, params)
    const late = page.value.tasks.findIndex(({ endTime }) => since !== null && (endTime ?? 0) < since)
    const count = late < 0 ? page.value.tasks.length : late
    yield { tasks: page.value.tasks.slice(0, count), wire: page.wire.tasks.slice(0, count) }
    // A server that answers with the cursor it was given would keep us for ever.
    cursor = late >= 0 || page.value.nextCursor === cursor ? null : page.value.nextCursor
  } while (cursor !== null)
}

/** The ids that were given, or with `--all` those that the options leave; one of both must be said. */
export async function chooseIds(server: Server, input: Input, now: number, signal: AbortSignal) {
  const { operands } = input
  const isFiltered = choosing.some((name) => input.has(name))
  if (operands.length > 0) {
    if (input.has('all') || isFiltered) throw usageError('Give ids, or --all with filters, not both')
    return { ids: [...new Set(operands)], isNamed: true }
  }
  if (!input.has('all')) throw usageError('Which? Give ids, or --all, which --func and --since narrow')
  const ids: string[] = []
  for await (const { tasks } of readDeadLetters(server, input, now, signal)) {
    for (const { taskId } of tasks) ids.push(taskId)
  }
  return { ids, isNamed: false }
}

async function readPage(server: Server, params: URLSearchParams) {
  const { wire, value } = await server.ask('list', { params })
  return { value, wire: wire as { readonly tasks: readonly Json[] } }
}

function paramsOf(input: Input): URLSearchParams {
  const params = new URLSearchParams({ status: 'failed', sort: 'end_time', order: 'desc' })
  for (const value of input.list('func')) params.append('func_name', value)
  for (const value of input.list('queue')) params.append('queue', value)
  for (const value of input.list('tag')) params.append('tag', value)
  return params
}
