import { randomUUID } from 'node:crypto'
import {
  DecodeError,
  describeProblem,
  ProtocolError,
  statusOf,
  type Problem,
  type ProblemCode,
} from '@taskloom/protocol'
import { taskErrorCodes, type TaskErrorCode } from '../core/errors.ts'

/** What a caller is told of a failure. `id` is set when the failure itself is for the host's eyes only. */
export interface Failure {
  readonly problem: Problem
  readonly id: string | null
}

/** The one place where an error becomes a problem. Only errors that are meant for callers keep their words. */
export function toFailure(error: unknown): Failure {
  if (error instanceof ProtocolError) return told(error.code, error.message, error.at)
  if (error instanceof DecodeError) return told('bad_body', error.message, error.path ? { parameter: error.path } : {})
  const code = codeOfTaskError(error)
  if (code === null) return withheld('internal')
  return statusOf(code) >= 500 && code !== 'unsupported' ? withheld(code) : told(code, (error as Error).message)
}

function told(code: ProblemCode, detail: string, at: ProtocolError['at'] = {}): Failure {
  return { problem: describeProblem(code, detail, at), id: null }
}

function withheld(code: ProblemCode): Failure {
  const id = randomUUID()
  return { problem: { ...describeProblem(code), extra: { id } }, id }
}

const names: readonly string[] = ['TaskError', 'ConflictError']

/** Recognised by shape: a source may come from another copy of this package. */
function codeOfTaskError(error: unknown): ProblemCode | null {
  if (!(error instanceof Error) || !names.includes(error.name)) return null
  const { code } = error as Error & { readonly code?: unknown }
  return typeof code === 'string' && Object.hasOwn(taskErrorCodes, code) ? taskErrorCodes[code as TaskErrorCode] : null
}
