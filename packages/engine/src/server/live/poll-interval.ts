import { parseDuration } from '../../core/duration.ts'

const defaultPollMs = 1_000
const [shortestPollMs, longestPollMs] = [100, 60_000]

/** Milliseconds, within bounds that neither burden the store nor make a page stale. */
export function readPollInterval(interval: unknown): number {
  const wantedMs = interval === undefined ? defaultPollMs : parseDuration(interval, 'pollInterval')
  return Math.min(longestPollMs, Math.max(shortestPollMs, wantedMs))
}
