import type { Definition } from '../core/definition.ts'
import { describeError } from '../core/error-text.ts'
import { isInstance } from '../core/instance.ts'
import type { Outcome } from '../core/lifecycle.ts'
import { isPermanent } from '../core/permanent-error.ts'
import type { TaskRecord } from '../core/record.ts'
import { retryDelay } from '../core/retry.ts'
import { readPolicyAnswer, type RetryContext, type Verdict } from '../core/verdict.ts'

/** Hears what is wrong with a rule of the host's. */
export type FaultListener = (during: string, error: unknown) => void

/**
 * Asks the function's own rules about an attempt that failed; null when there is nothing to say or no retry left. Never
 * throws: a rule that fails is as if it were not there, which the task's log and the listener are told.
 */
export function judge(
  { policy, retryIf, retryPolicy }: Definition,
  record: TaskRecord,
  outcome: Outcome,
  random: number,
  onFault: FaultListener,
): Verdict | null {
  if (outcome.kind !== 'threw' && outcome.kind !== 'timed_out') return null
  const isOver = record.cancelRequestedAt !== null || record.retriesUsed >= record.maxRetries
  if (isOver) return null
  const error = outcome.kind === 'threw' ? outcome.error : new DOMException('The attempt took too long', 'TimeoutError')
  if (isPermanent(error)) return { kind: 'fail', note: 'Not retried: the error is permanent' }
  if (!retryIf && !retryPolicy) return null
  try {
    if (retryIf && !readWish(retryIf(error))) return { kind: 'fail', note: 'Not retried: retryIf declined' }
    if (!retryPolicy) return null
    const { taskId, funcName, tags, attempt, retriesUsed, maxRetries } = record
    const delayMs = retryDelay(policy, retriesUsed + 1, random)
    const context: RetryContext = {
      ...{ error, taskId, funcName, tags, attempt, retriesUsed, maxRetries, delayMs },
    }
    return readPolicyAnswer(atOnce(retryPolicy(context)))
  } catch (fault) {
    onFault(`the retry rules of ${record.funcName}`, fault)
    return { kind: 'retry', delayMs: null, note: `The retry rules failed: ${describeError(fault).error}` }
  }
}

function readWish(answer: unknown): boolean {
  const wish = atOnce(answer)
  if (typeof wish === 'boolean') return wish
  throw new TypeError('retryIf gave neither true nor false')
}

/** A promise is no answer; its own failure is nobody's, and must not end the host. */
function atOnce(answer: unknown): unknown {
  if (!isInstance<Promise<unknown>>(answer, Promise)) return answer
  answer.catch(() => undefined)
  throw new TypeError('A retry rule gave a promise: it must answer at once')
}
