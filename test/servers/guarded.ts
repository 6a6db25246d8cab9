import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'

/** Who a process runs as; empty for whoever the test runs as. */
export interface RunsAs {
  readonly uid?: number
  readonly gid?: number
}

/**
 * A shell is the parent of the server and reads from the test: when the test is gone, however hard it ended, the shell
 * kills the server and deletes its folder. The server stays the shell's own child, so that its pid is nobody else's.
 */
const guard = `
folder=$1; shift
"$@" </dev/null 2>&1 &
server=$!
echo "$server"
exec >/dev/null 2>&1
if read -r word; then wait "$server"; exit $?; fi
kill -KILL "$server"; wait "$server"
rm -rf "$folder"; sleep 1; rm -rf "$folder"`

/** What a server said is kept up to so many characters. */
const keptText = 4_000

/** A program that does not outlive the test that started it. */
export class GuardedProcess {
  /** The program's own process id. */
  readonly pid: Promise<number>
  /** Resolves when the program and all that it started are gone. */
  readonly gone: Promise<unknown>
  readonly #shell: ChildProcess
  readonly #exited: Promise<number>
  #said = ''
  #isGone = false

  constructor(folder: string, command: readonly string[], user: RunsAs = {}) {
    const options = { cwd: folder, detached: true, ...user }
    this.#shell = spawn('/bin/sh', ['-c', guard, 'sh', folder, ...command], {
      ...options,
      stdio: ['pipe', 'pipe', 'ignore'],
    })
    this.#exited = once(this.#shell, 'exit').then(([code]: (number | null)[]) => code ?? 1)
    const { stdin, stdout } = this.#shell
    stdin?.on('error', () => undefined)
    let unread = ''
    this.pid = new Promise((resolve, reject) => {
      this.#shell.once('error', reject)
      stdout?.setEncoding('utf8').on('data', (text: string) => {
        unread = (unread + text).slice(-keptText)
        if (this.#said === '' && /^\d+\n/.test(unread)) resolve(Number.parseInt(unread))
        this.#said = unread
      })
    })
    this.gone = once(stdout!, 'end').then(() => (this.#isGone = true))
  }

  get isGone(): boolean {
    return this.#isGone
  }

  /** The end of what it printed. */
  get said(): string {
    return this.#said
  }

  /** Sends the signal, if it still runs, and waits until nothing of it is left; its exit code. May be called again. */
  async end(signal: NodeJS.Signals | null): Promise<number> {
    const pid = await this.pid
    if (signal !== null && !this.#isGone) process.kill(pid, signal)
    await this.gone
    this.#shell.stdin?.end('kept\n')
    return this.#exited
  }
}
