import { stdout } from 'node:process'
import type { Writable } from 'node:stream'
import { rejectUnknown } from '../core/option.ts'
import { hearsOf, lineOptionNames, linesOf, parseLineOptions, type LineOptions } from './line-text.ts'
import type { Observer, ObserverHost } from './observer.ts'

/** What the lines are, and where they go. */
export interface StdoutLoggerOptions extends LineOptions {
  /** Where the lines go instead; the standard output of the process by default. It is never closed. */
  readonly stream?: Writable
}

/** Writes a line for each log line, and for beginnings and ends of tasks. Waits for a stream that is full. */
export function stdoutLogger(options: StdoutLoggerOptions = {}): Observer {
  rejectUnknown(options, [...lineOptionNames, 'stream'])
  const { stream = stdout, ...rest } = options
  const lines = parseLineOptions(rest)
  let host: ObserverHost | null = null
  let wake: (() => void) | null = null
  const goOn = (): void => wake?.()
  // A closed pipe must not end the host.
  const fault = (error: unknown): void => {
    host?.fault(error)
    goOn()
  }
  return {
    name: 'stdout',
    hears: hearsOf(lines),
    open(opened) {
      host = opened
      stream.on('error', fault).on('drain', goOn).on('close', goOn)
    },
    observe(event) {
      const text = linesOf(event, lines).join('')
      if (text === '' || stream.destroyed || stream.write(text)) return
      return new Promise((resolve) => (wake = resolve))
    },
    close() {
      stream.off('drain', goOn).off('close', goOn)
    },
  }
}
