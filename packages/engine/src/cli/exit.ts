import { ClientError } from '@taskloom/client'
import type { Problem } from '@taskloom/protocol'

/** How the process ends. Scripts rely on these numbers. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  notAllowed: 4,
  unreachable: 5,
  interrupted: 130,
} as const
/** One of {@link exitCodes}. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

/** A command that ends here, with words for people. */
export class CommandError extends Error {
  override readonly name = 'CommandError'
  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message)
  }
}

/** The command line itself is not right. */
export function usageError(message: string): CommandError {
  return new CommandError(exitCodes.usage, message)
}

/** Ctrl-C, seen in the middle of something. */
export function interruptedError(): CommandError {
  return new CommandError(exitCodes.interrupted, 'Interrupted')
}

/** A failure as it is told, and how the process ends with it. */
export interface Failure {
  readonly exitCode: ExitCode
  readonly problem: Problem
}

/** What any error means for the one who called. */
export function toFailure(error: unknown): Failure {
  if (error instanceof CommandError) {
    return { exitCode: error.exitCode, problem: madeProblem(codeOf[error.exitCode], error.message) }
  }
  if (error instanceof ClientError) return { exitCode: exitCodeOf(error.problem), problem: error.problem }
  const { code, message } = readError(error)
  if (code === 'bad_option') return { exitCode: exitCodes.usage, problem: madeProblem(code, message) }
  const isStore = code === 'store_failed' || code === 'store_lost'
  return { exitCode: isStore ? exitCodes.unreachable : exitCodes.failed, problem: madeProblem(code, message) }
}

/** How a problem of the protocol ends the process. */
export function exitCodeOf({ status, code }: Problem): ExitCode {
  if (code === 'aborted') return exitCodes.interrupted
  if (code === 'network' || code === 'timeout' || status >= 502) return exitCodes.unreachable
  if (status === 401 || status === 403) return exitCodes.notAllowed
  if (status === 404) return exitCodes.notFound
  if (usageCodes.includes(code)) return exitCodes.usage
  return exitCodes.failed
}

/** What several failures end with: what they agree on, or that it partly failed. */
export function exitCodeOfAll(codes: readonly ExitCode[]): ExitCode {
  const [first = exitCodes.ok] = codes
  return codes.every((code) => code === first) ? first : exitCodes.failed
}

/** A problem that never was on the wire. */
export function madeProblem(code: string, detail: string): Problem {
  return { type: 'about:blank', title: detail, status: 0, code, detail }
}

const usageCodes: readonly string[] = ['bad_query', 'bad_body', 'bad_cursor']

const codeOf: Readonly<Record<ExitCode, string>> = {
  0: 'ok',
  1: 'failed',
  2: 'usage',
  3: 'not_found',
  4: 'forbidden',
  5: 'unreachable',
  130: 'interrupted',
}

/** By shape: the engine of the user's module may be another copy than ours. */
function readError(error: unknown): { readonly code: string; readonly message: string } {
  if (!(error instanceof Error)) return { code: 'internal', message: String(error) }
  const { code } = error as Error & { readonly code?: unknown }
  return { code: typeof code === 'string' ? code : 'internal', message: error.message }
}
