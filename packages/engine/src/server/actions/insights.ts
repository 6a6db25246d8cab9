import { parseFilter, type FunctionDetail, type Histogram, type Latency } from '@taskloom/protocol'
import { ProtocolError } from '@taskloom/protocol'
import { assertSearchable } from '../shown-args.ts'
import type { TaskSource } from '../source.ts'
import { param, refuseUnsupported, type ActionInput } from './action.ts'
import { readTimelineQuestion } from './timeline-range.ts'

/** One function; of a source that tells of no single one without the schema of its arguments. */
export async function readFunction(source: TaskSource, input: ActionInput): Promise<FunctionDetail> {
  const name = param(input, 'name')
  const found = source.function ? await source.function(name) : await findFunction(source, name)
  if (found) return found
  throw new ProtocolError('not_found', `No function ${name} is defined here`)
}

export function histogram(source: TaskSource, { query, now, settings }: ActionInput): Promise<Histogram> {
  const filter = assertSearchable(parseFilter(query, now), settings)
  return source.histogram?.(filter) ?? refuseUnsupported()
}

export function latency(source: TaskSource, { query, now, settings }: ActionInput): Promise<Latency> {
  const { filter, since, until, bucketMs } = readTimelineQuestion(query, now)
  assertSearchable(filter, settings)
  if (!source.latency) return refuseUnsupported()
  if (since < until) return source.latency({ filter, since, until, bucketMs })
  return Promise.resolve({ since, until: since, bucketMs, buckets: [] })
}

async function findFunction(source: TaskSource, name: string): Promise<FunctionDetail | null> {
  const found = (await source.functions()).find(({ funcName }) => funcName === name)
  return found ? { ...found, argsSchema: null } : null
}
