import { fork, type ChildProcess } from 'node:child_process'
import { execArgv, pid } from 'node:process'
import type { Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import { describeThrown } from '../../core/error-text.ts'
import type { Death, OpenWorker } from './worker-port.ts'

/** How much of the end of what a process printed is kept, in characters, to tell why it died. */
const maxTail = 8 * 1_024
/** How long the last messages of a dead process may take. */
const lastWordsMs = 250

/** Starts a process that keeps nothing alive. What it prints beside its task's log is read and dropped. */
export const openProcess: OpenWorker = ({ memoryMb }, { onMessage, onDeath }) => {
  const entry = fileURLToPath(new URL('./process-worker.js', import.meta.url))
  const child = fork(entry, [String(pid)], {
    execArgv: argumentsOf(memoryMb),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  const tail = keepTail(child)
  child.on('message', onMessage)
  onceDead(child, tail, onDeath)
  child.unref()
  child.channel?.unref()
  return {
    claims: null,
    // A channel that is closed is a process that dies: its death tells what is to be told.
    post: (message) => void (child.connected && child.send(message, () => undefined)),
    kill: () => void child.kill('SIGKILL'),
  }
}

/** The host's own, without its debugger's port, which is taken. */
function argumentsOf(memoryMb: number | null): string[] {
  const own = execArgv.filter((argument) => !argument.startsWith('--inspect'))
  return memoryMb === null ? own : [...own, `--max-old-space-size=${memoryMb}`]
}

/** What a process prints never makes it wait and never grows here. */
function keepTail(child: ChildProcess): () => string {
  let tail = ''
  const stderr = child.stderr as Socket | null
  stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    tail = (tail + chunk).slice(-maxTail)
  })
  stderr?.on('error', () => undefined)
  stderr?.unref()
  return () => tail
}

function onceDead(child: ChildProcess, tail: () => string, onDeath: (death: Death) => void): void {
  let isTold = false
  const tell = (death: Death): void => {
    if (isTold) return
    isTold = true
    onDeath(death)
  }
  child.on('error', (error) => {
    if (child.pid === undefined) tell({ kind: 'not_started', thrown: describeThrown(error) })
  })
  child.on('exit', (code, signal) => {
    const death = (): Death => {
      if (tail().includes('heap out of memory')) return { kind: 'out_of_memory' }
      return signal === null ? { kind: 'exited', code: code ?? 0 } : { kind: 'killed', signal }
    }
    // `close` comes when everything it said was read, unless a process of its own holds the pipes.
    child.on('close', () => tell(death()))
    setTimeout(() => tell(death()), lastWordsMs).unref()
  })
}
