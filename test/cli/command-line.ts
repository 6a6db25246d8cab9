import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'

export const main = fileURLToPath(new URL('../../packages/engine/dist/cli/main.js', import.meta.url))

/** How a command ended and what it wrote. */
export interface Ended {
  readonly code: number | null
  readonly out: string
  readonly err: string
}

/** A command that runs. */
export interface Running {
  readonly child: ChildProcess
  readonly ended: Promise<Ended>
  /** What it has written so far. */
  readonly soFar: () => string
}

/** The real command in a process of its own, with an environment that says nothing of tasks but what is given. */
export function start(args: readonly string[], env: Readonly<Record<string, string>> = {}, input = ''): Running {
  const { PATH = '', HOME = '' } = process.env
  const child = spawn(process.execPath, [main, ...args], { env: { PATH, HOME, ...env } })
  let out = ''
  let err = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
  child.stdin.on('error', () => undefined).end(input)
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err }))
  })
  return { child, ended, soFar: () => out }
}

/** The same, to its end. */
export function taskloom(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  input = '',
): Promise<Ended> {
  return start(args, env, input).ended
}
