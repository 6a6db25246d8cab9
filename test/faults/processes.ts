import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'
import { Peer } from './peer.ts'

export { Peer } from './peer.ts'

const started: Peer[] = []
afterEach(async () => {
  for (const { child, exited } of started.splice(0)) {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited
  }
})

/** Starts a script of this folder; it is killed after the test if it still runs. */
export function startPeer(script: string, args: readonly string[], shell: string | null = null): Peer {
  const path = fileURLToPath(new URL(`./${script}`, import.meta.url))
  const stdio = ['pipe', 'pipe', 'inherit'] as const
  const command = [process.execPath, path, ...args]
  const child =
    shell === null
      ? spawn(process.execPath, [path, ...args], { stdio: [...stdio] })
      : spawn('/bin/sh', ['-c', `${shell}; exec "$@"`, 'sh', ...command], { stdio: [...stdio] })
  const peer = new Peer(child)
  started.push(peer)
  return peer
}
