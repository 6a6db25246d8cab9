import { DescribedError, type ThrownText } from '../../core/error-text.ts'
import type { Death } from './worker-port.ts'

/** What a task is told whose worker died under it. */
export function deathError(death: Death): DescribedError {
  if (death.kind === 'crashed')
    return new DescribedError(inWords('worker_crashed', death.thrown, 'Thrown where nobody catches it'))
  if (death.kind === 'not_started')
    return new DescribedError(inWords('worker_not_started', death.thrown, 'The worker did not start'))
  if (death.kind === 'out_of_memory') return ownWords('worker_out_of_memory', 'The worker ran out of memory')
  if (death.kind === 'killed')
    return ownWords('worker_killed', `The worker was killed by ${death.signal}${hint(death.signal)}`)
  return ownWords('worker_exited', `The worker ended in the middle of the task, with exit code ${death.code}`)
}

function hint(signal: string): string {
  if (signal === 'SIGKILL') return ': by someone, or by the system for want of memory'
  return signal === 'SIGSEGV' || signal === 'SIGBUS' || signal === 'SIGABRT' ? ': native code crashed' : ''
}

function inWords(errorCode: string, thrown: ThrownText, what: string): ThrownText {
  return { ...thrown, errorCode, error: `${what}: ${thrown.error}`.slice(0, 300) }
}

function ownWords(errorCode: string, error: string): DescribedError {
  return new DescribedError({
    error,
    errorCode,
    stacktrace: null,
    name: 'WorkerError',
    message: error,
    isPermanent: false,
  })
}
