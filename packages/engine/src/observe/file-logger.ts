import { resolve } from 'node:path'
import { TaskError } from '../core/errors.ts'
import { integerOption, rejectUnknown, textOption } from '../core/option.ts'
import { hearsOf, lineOptionNames, linesOf, parseLineOptions, type LineOptions } from './line-text.ts'
import { LogFile } from './log-file.ts'
import type { Observer, ObserverEvent, ObserverHost } from './observer.ts'

/** How a file is written. */
export interface FileLoggerOptions extends LineOptions {
  /** Bytes after which the file is put aside; 10,485,760 (10 MiB) by default. Not with `watched`. */
  readonly maxBytes?: number
  /** How many files are kept beside it, `.1` the newest; 5 by default. Not with `watched`. */
  readonly backups?: number
  /**
   * `rotate` (default) puts full files aside itself; then the file belongs to one process. `watched` opens the file
   * again when somebody, such as logrotate, has moved it away; several processes may share it.
   */
  readonly mode?: 'rotate' | 'watched'
}

/** So many bytes wait for the disk at most; then the observer's queue takes over, which counts what it drops. */
const maxBuffered = 1_048_576

/**
 * Appends a line for each log line, and for beginnings and ends of tasks, without waiting for the disk. Lines are whole:
 * line breaks and control characters inside are escaped. Throws `bad_option`.
 */
export function fileLogger(path: string, options: FileLoggerOptions = {}): Observer {
  rejectUnknown(options, [...lineOptionNames, 'maxBytes', 'backups', 'mode'])
  const { maxBytes = 10_485_760, backups = 5, mode = 'rotate', ...rest } = options
  if (mode !== 'rotate' && mode !== 'watched') {
    throw new TaskError('bad_option', { message: 'mode: expected rotate or watched', option: 'mode' })
  }
  const place = resolve(textOption(path, 'path', 4_096))
  const file = new LogFile(place, {
    maxBytes: integerOption(maxBytes, 'maxBytes', 1, Number.MAX_SAFE_INTEGER),
    backups: integerOption(backups, 'backups', 0, 1_000),
    mode,
  })
  return new FileLogger(`file ${place}`, file, parseLineOptions(rest))
}

class FileLogger implements Observer {
  readonly hears
  #host: ObserverHost | null = null
  #lines: Buffer[] = []
  #bytes = 0
  #writing: Promise<void> | null = null

  constructor(
    readonly name: string,
    private readonly file: LogFile,
    private readonly options: LineOptions,
  ) {
    this.hears = hearsOf(options)
  }

  open(host: ObserverHost): void {
    this.#host = host
  }

  /** Answers only once the lines are written when much waits, so that its queue fills up instead of memory. */
  observe(event: ObserverEvent): void | Promise<void> {
    for (const line of linesOf(event, this.options)) {
      const bytes = Buffer.from(line)
      this.#lines.push(bytes)
      this.#bytes += bytes.length
    }
    if (this.#lines.length > 0) this.#writing ??= this.#write()
    if (this.#bytes > maxBuffered && this.#writing) return this.#writing
  }

  async close(): Promise<void> {
    await this.#writing
    await this.file.close()
  }

  /** Everything of one turn of the event loop goes to the disk at once. What the disk refuses is lost, and told. */
  async #write(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
    while (this.#lines.length > 0) {
      const lines = this.#lines
      this.#lines = []
      this.#bytes = 0
      try {
        await this.file.append(lines)
      } catch (error) {
        this.#host?.fault(new Error(`Up to ${lines.length} lines could not be written`, { cause: error }))
      }
    }
    this.#writing = null
  }
}
