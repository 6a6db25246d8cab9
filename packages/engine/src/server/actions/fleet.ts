import { parseFilter, ProtocolError, single, type Drift, type ErrorGroup } from '@taskloom/protocol'
import type { BulkBegun, LockView, QueueView, WorkerView } from '@taskloom/protocol'
import type { TaskSource } from '../source.ts'
import { param, refuseUnsupported, type ActionInput } from './action.ts'

const defaultWindowMs = 7 * 86_400_000
const maxNameLength = 300

export function workers(source: TaskSource): Promise<readonly WorkerView[]> {
  return source.workers?.() ?? refuseUnsupported()
}

export function locks(source: TaskSource): Promise<readonly LockView[]> {
  return source.locks?.() ?? refuseUnsupported()
}

export function drift(source: TaskSource): Promise<Drift> {
  return source.drift?.() ?? refuseUnsupported()
}

/** Of the last seven days unless the window says otherwise. */
export function errors(source: TaskSource, { query, now }: ActionInput): Promise<readonly ErrorGroup[]> {
  const { since } = parseFilter(new URLSearchParams([...query].filter(([name]) => name === 'window')), now)
  const funcName = single(query, 'func_name') || null
  if (funcName !== null && (funcName.length > maxNameLength || funcName.includes('\0'))) {
    throw new ProtocolError('bad_query', 'func_name: expected a function name', { parameter: 'func_name' })
  }
  return source.errors?.({ since: since ?? now - defaultWindowMs, funcName }) ?? refuseUnsupported()
}

export function pauseQueue(source: TaskSource, input: ActionInput): Promise<QueueView> {
  return source.pauseQueue?.(param(input, 'name'), input.act) ?? refuseUnsupported()
}

export function resumeQueue(source: TaskSource, input: ActionInput): Promise<QueueView> {
  return source.resumeQueue?.(param(input, 'name'), input.act) ?? refuseUnsupported()
}

/** Begins to cancel all that waits there; how far that is, is told by the operation. */
export async function drainQueue(source: TaskSource, input: ActionInput): Promise<BulkBegun> {
  const operation = await (source.drainQueue?.(param(input, 'name'), input.act) ?? refuseUnsupported())
  return { operationId: operation.operationId }
}
