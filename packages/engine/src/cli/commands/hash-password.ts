import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { hashPassword as hash } from '../../server/identity/passwords.ts'
import { none, type Call, type Command } from '../command.ts'
import { exitCodes, interruptedError, usageError, type ExitCode } from '../exit.ts'
import type { World } from '../world.ts'

/** `taskloom hash-password` */
export const hashPassword: Command = {
  name: 'hash-password',
  operands: '',
  count: none,
  words: 'read a password from the standard input and print what auth stores of it',
  options: [],
  run: printHash,
}

async function printHash({ world, print }: Call): Promise<ExitCode> {
  const password = await readPassword(world)
  if (password === '') throw usageError('There is no password on the standard input')
  const made = await hash(password)
  await print.answer({ hash: made }, () => made)
  return exitCodes.ok
}

/** The first line; on a terminal nothing of it is shown. */
async function readPassword({ input, err, signal }: World): Promise<string> {
  const isTyped = input.isTTY === true
  if (isTyped) await err.write('Password: ')
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: nowhere, terminal: isTyped })
  const stop = (): void => lines.close()
  // A terminal in this mode gives Ctrl-C to us as a key.
  lines.once('SIGINT', stop)
  signal.addEventListener('abort', stop, { once: true })
  try {
    for await (const line of lines) return line
    if (isTyped) throw interruptedError()
    return ''
  } finally {
    signal.removeEventListener('abort', stop)
    lines.close()
    if (isTyped) await err.write('\n')
  }
}
