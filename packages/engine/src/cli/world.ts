import type { Readable } from 'node:stream'

/** A stream that is written to. */
export interface Output {
  /** Whether somebody sits before it. */
  readonly isTerminal: boolean
  /** How many characters a line may have; null when it is no terminal. */
  readonly columns: number | null
  /** Whether nobody reads any more, as behind `| head`. What is written then is lost without a word. */
  readonly isClosed: boolean
  /** Resolves when there is room for more. */
  write(text: string): Promise<void>
}

/** What a command knows of the world; a test makes one of its own. */
export interface World {
  readonly out: Output
  readonly err: Output
  readonly input: Readable & { readonly isTTY?: boolean }
  readonly env: Readonly<Record<string, string | undefined>>
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal
  readonly now: () => number
  readonly fetch: typeof fetch
}

interface WrittenTo {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly destroyed: boolean
  write(text: string, done: (error?: Error | null) => void): boolean
  on(event: 'error', listener: (error: Error) => void): unknown
}

/** A stream of the process as an {@link Output}. `COLUMNS` says how wide it is where it cannot say so itself. */
export function toOutput(stream: WrittenTo, env: World['env']): Output {
  let isClosed = false
  // A reader that went away is no failure: `| head` has what it wanted.
  stream.on('error', () => (isClosed = true))
  const told = Number(env['COLUMNS'])
  return {
    isTerminal: stream.isTTY === true,
    get columns() {
      return stream.columns ?? (Number.isInteger(told) && told > 0 ? told : null)
    },
    get isClosed() {
      return isClosed || stream.destroyed
    },
    write: (text) =>
      new Promise((resolve) => {
        if (isClosed || stream.destroyed) return resolve()
        stream.write(text, (error) => {
          if (error) isClosed = true
          resolve()
        })
      }),
  }
}
