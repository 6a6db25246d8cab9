import { integerOption, rejectUnknown } from '../core/option.ts'

/** How much may go on at once; beyond it is `too_many_requests`. */
export interface ServerLimits {
  /** Exports that run at once, 1 to 1,000; default 5. */
  readonly exports?: number
}

/** Throws `bad_option` that names the limit. */
export function readLimits(limits: ServerLimits = {}): Required<ServerLimits> {
  const { exports = 5, ...others } = limits
  rejectUnknown(others, ['exports'])
  return { exports: integerOption(exports, 'limits.exports', 1, 1_000) }
}
