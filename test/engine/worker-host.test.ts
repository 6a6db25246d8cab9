import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { isProcessAlive } from '../../packages/engine/src/run/process-alive.ts'

const script = fileURLToPath(new URL('./fixtures/executor-host.mjs', import.meta.url))
const started: ChildProcess[] = []
afterEach(() => {
  for (const host of started.splice(0)) host.kill('SIGKILL')
})

/** Starts a host and gives what it says of its workers. */
async function startHost(deed: 'end' | 'stay') {
  const host = spawn(process.execPath, [script, deed], { stdio: ['ignore', 'pipe', 'inherit'] })
  started.push(host)
  const [line] = (await once(createInterface(host.stdout), 'line')) as [string]
  return { host, facts: JSON.parse(line) as { readonly pids: readonly number[]; readonly left: readonly string[] } }
}

describe('the host of workers', () => {
  it('takes its processes with it when it is killed, also those that compute', async () => {
    const { host, facts } = await startHost('stay')
    expect(facts.pids).toHaveLength(2)
    expect(facts.pids.every(isProcessAlive)).toBe(true)
    host.kill('SIGKILL')
    await vi.waitFor(() => expect(facts.pids.filter(isProcessAlive)).toEqual([]), 5_000)
  })

  it('ends by itself after shutdown: nothing is left that would keep it', async () => {
    const { host, facts } = await startHost('end')
    expect(facts.left.filter((kind) => kind !== 'PipeWrap')).toEqual([])
    expect(host.exitCode ?? ((await once(host, 'exit')) as [number])[0]).toBe(0)
    expect(facts.pids.filter(isProcessAlive)).toEqual([])
  })
})
