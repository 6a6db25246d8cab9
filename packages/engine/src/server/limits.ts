import { integerOption, rejectUnknown } from '../core/option.ts'

/** How much may go on at once; beyond it is `too_many_requests`. */
export interface ServerLimits {
  /** Exports that run at once, 1 to 1,000; default 5. */
  readonly exports?: number
  /** Live streams of everybody, 1 to 100,000; default 200. */
  readonly streams?: number
  /** Live streams of one session, 1 to 100,000; default 10. */
  readonly streamsPerSession?: number
  /** Live streams from one address without a session, 1 to 100,000; default 50. */
  readonly streamsPerAddress?: number
}

const defaults: Required<ServerLimits> = { exports: 5, streams: 200, streamsPerSession: 10, streamsPerAddress: 50 }
const most: Required<ServerLimits> = {
  exports: 1_000,
  streams: 100_000,
  streamsPerSession: 100_000,
  streamsPerAddress: 100_000,
}

/** Throws `bad_option` that names the limit. */
export function readLimits(limits: ServerLimits = {}): Required<ServerLimits> {
  rejectUnknown(limits, Object.keys(defaults))
  const read = (name: keyof ServerLimits): number =>
    integerOption(limits[name] ?? defaults[name], `limits.${name}`, 1, most[name])
  return {
    exports: read('exports'),
    streams: read('streams'),
    streamsPerSession: read('streamsPerSession'),
    streamsPerAddress: read('streamsPerAddress'),
  }
}
