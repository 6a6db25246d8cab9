import { ProtocolError, type Json, type Revealed } from '@taskloom/protocol'
import { parseRedact } from '../../core/redact.ts'
import { unmask } from '../../core/unmask.ts'
import type { TaskSource } from '../source.ts'
import { param, refuseUnsupported, type ActionInput } from './action.ts'

interface RevealBody {
  readonly paths?: readonly string[]
}

/** Arguments and result as they are, or what lies at some paths of them. Whoever looks is written down before he sees. */
export async function reveal(source: TaskSource, input: ActionInput): Promise<Revealed> {
  const { act, settings } = input
  if (act.reason === null) throw bad('reason', 'why you want to see it')
  if (!source.reveal) return refuseUnsupported()
  const taskId = param(input, 'task_id')
  const paths = readPaths((input.body as RevealBody).paths)
  const shown = await source.detail(taskId, { opensSealed: true })
  const { args, result } = await source.reveal(taskId, paths, act)
  const open = (masked: Json, truth: Json): Json =>
    paths === null ? truth : paths.reduce((value, path) => unmask(value, truth, path), masked)
  const answer = { taskId, result: open(shown.result, result) }
  return settings.displayArgs === false ? answer : { ...answer, args: open(shown.args ?? null, args) }
}

function readPaths(paths: readonly string[] | undefined): readonly string[] | null {
  if (paths === undefined) return null
  try {
    return parseRedact(paths)
  } catch {
    throw bad('paths', 'at most 100 names or numbers with single dots between them')
  }
}

function bad(parameter: string, expected: string): ProtocolError {
  return new ProtocolError('bad_body', `${parameter}: expected ${expected}`, { parameter })
}
