import { createInterface } from 'node:readline'
import { CommandError, exitCodes, interruptedError, usageError } from './exit.ts'
import type { Call } from './command.ts'

/** From how many on it is asked before they are changed. */
const many = 5

/**
 * Asks before many tasks are changed that nobody has named one by one; throws when the answer is no. Where nobody can
 * answer, `--yes` must be given.
 */
export async function confirm({ input, world, print }: Call, deed: string, count: number): Promise<void> {
  if (count < many || input.has('yes')) return
  if (world.input.isTTY !== true || !world.err.isTerminal) {
    throw usageError(`${deed}? Nobody can be asked here: say --yes, or look first with --dry-run`)
  }
  const answer = await askLine(world.input, `${deed}? [y/N] `, (text) => world.err.write(text), world.signal)
  if (/^y(es)?$/i.test(answer.trim())) return
  await print.note('Nothing was changed')
  throw new CommandError(exitCodes.failed, 'Not confirmed')
}

async function askLine(
  input: NodeJS.ReadableStream,
  question: string,
  write: (text: string) => Promise<void>,
  signal: AbortSignal,
): Promise<string> {
  await write(question)
  const lines = createInterface({ input, terminal: false })
  const stop = (): void => lines.close()
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const line of lines) return line
    if (signal.aborted) throw interruptedError()
    return ''
  } finally {
    signal.removeEventListener('abort', stop)
    lines.close()
  }
}
