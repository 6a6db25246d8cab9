import { formatDuration, parseDuration, type Duration } from './duration.ts'

/** What `snooze()` throws: it ends the attempt without counting as a failure. */
export class Snooze extends Error {
  override readonly name = 'Snooze'
  constructor(readonly delayMs: number) {
    super(`Snoozed for ${formatDuration(delayMs)}`)
  }
}

/** Throws `bad_option` when the delay is none, and what ends the attempt otherwise. */
export function throwSnooze(delay: Duration): never {
  throw new Snooze(parseDuration(delay, 'delay'))
}
