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
import { extraLimits, toJsonView } from '../core/json-view.ts'

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
  if (statusOf(code) >= 500 && code !== 'unsupported') return withheld(code)
  return withBlocker(withIssues(told(code, (error as Error).message), error), error)
}

function told(code: ProblemCode, detail: string, at: ProtocolError['at'] = {}): Failure {
  return { problem: describeProblem(code, detail, at), id: null }
}

/** What a schema has against arguments, so that a form can show it at its fields. */
function withIssues(failure: Failure, error: unknown): Failure {
  const { issues } = (error as { readonly details?: { readonly issues?: unknown } }).details ?? {}
  if (!Array.isArray(issues) || issues.length === 0) return failure
  return { ...failure, problem: { ...failure.problem, extra: { issues: toJsonView(issues, extraLimits) } } }
}

/** The task that holds the lock that was asked for, so that a page can lead there. */
function withBlocker(failure: Failure, error: unknown): Failure {
  const { conflicts } = error as { readonly conflicts?: readonly { readonly taskId?: unknown }[] }
  const taskId = conflicts?.[0]?.taskId
  if (typeof taskId !== 'string') return failure
  return { ...failure, problem: { ...failure.problem, extra: { ...failure.problem.extra, task_id: taskId } } }
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
