import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { missingServers } from '../../demo/server/fleet/servers.ts'

const main = fileURLToPath(new URL('../../demo/server/fleet/main.ts', import.meta.url))
const patience = { timeout: 60_000, interval: 200 }
const missing = missingServers()

interface WireTask {
  readonly task_id: string
  readonly func_name: string
  readonly status: string
  readonly start_time: string | null
  readonly worker_id: string | null
}

interface WireWorker {
  readonly worker_id: string
  readonly pid: number
}

describe.skipIf(missing.length > 0)(`the print shop as a fleet${missing.join('; ')}`, () => {
  let demo: ChildProcess
  let said = ''
  let url: string

  beforeAll(async () => {
    demo = spawn(process.execPath, ['--import', 'tsx', main], {
      env: { ...process.env, DEMO_PORT: '0' },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    demo.stdout?.setEncoding('utf8').on('data', (text: string) => (said += text))
    demo.stderr?.setEncoding('utf8').on('data', (text: string) => (said += text))
    await vi.waitFor(() => expect(said).toContain('Work goes on all the time'), patience)
    url = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0] ?? ''
  }, 90_000)

  afterAll(async () => {
    const ended = once(demo, 'exit')
    demo.kill('SIGTERM')
    expect(await ended).toEqual([0, null])
  }, 60_000)

  it('is served by both web instances, which show the same tasks and run none', async () => {
    const servers = new Set<string | null>()
    for (let asked = 0; asked < 4; asked += 1)
      servers.add((await fetch(`${url}/admin/orders`)).headers.get('x-served-by'))
    expect([...servers].sort()).toEqual(['web a', 'web b'])

    const since = Date.now()
    const pids = await vi.waitFor(async () => {
      const ran = await succeededSince(since)
      expect(ran.length).toBeGreaterThan(3)
      return pidsOf(ran)
    }, patience)
    for (const pid of pids) expect([pidOf('worker 1'), pidOf('worker 2'), pidOf('worker 3')]).toContain(pid)
  }, 90_000)

  it('goes on when a worker is killed, and has it back', async () => {
    const killed = pidOf('worker 1')
    process.kill(killed, 'SIGKILL')
    await vi.waitFor(() => expect(said).toContain(`worker 1 (pid ${killed}) is gone`), patience)
    const since = Date.now()
    const ran = await vi.waitFor(async () => {
      const tasks = await succeededSince(since)
      expect(tasks.length).toBeGreaterThan(1)
      return tasks
    }, patience)
    expect(await pidsOf(ran)).not.toContain(killed)
    await vi.waitFor(() => expect(said).toMatch(/worker 1 is back as pid \d+/), patience)
  }, 120_000)

  /** As it was told first. */
  function pidOf(name: string): number {
    return Number(new RegExp(`${name} +pid (\\d+)`).exec(said)?.[1])
  }

  async function succeededSince(since: number): Promise<readonly WireTask[]> {
    const { tasks } = await json<{ readonly tasks: readonly WireTask[] }>('/tasks/?status=success&limit=100')
    return tasks.filter(({ start_time }) => start_time !== null && Date.parse(start_time) >= since)
  }

  async function pidsOf(tasks: readonly WireTask[]): Promise<readonly (number | undefined)[]> {
    const workers = await json<readonly WireWorker[]>('/tasks/workers')
    const pids = new Map(workers.map(({ worker_id, pid }) => [worker_id, pid]))
    return tasks.map(({ worker_id }) => (worker_id === null ? undefined : pids.get(worker_id)))
  }

  async function json<T>(path: string): Promise<T> {
    return (await (await fetch(url + path)).json()) as T
  }
})
