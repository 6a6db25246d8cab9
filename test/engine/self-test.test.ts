import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory, sqlite, type Store } from '@taskloom/engine'
import { anyTask } from '@taskloom/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager, withCode } from './open-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-self-test-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const verdicts = (report: { readonly checks: readonly { readonly name: string; readonly status: string }[] }) =>
  Object.fromEntries(report.checks.map(({ name, status }) => [name, status]))

describe('self-test', () => {
  it.each<[string, () => Store]>([
    ['memory', memory],
    ['sqlite', () => sqlite(join(folder, 'whole.db'))],
  ])('goes through everything on %s and leaves nothing behind', async (_, makeStore) => {
    const store = makeStore()
    const tasks = openManager({ store })
    tasks.define('work', () => 'done')
    await tasks.start()
    for (let round = 0; round < 2; round += 1) {
      const report = await tasks.selfTest()
      expect(verdicts(report)).toEqual({ store: 'ok', reader: 'ok', clock: 'ok', run: 'ok' })
      expect(report.ok).toBe(true)
    }
    expect((await tasks.list()).total).toBe(0)
    expect(await tasks.source.metrics(anyTask)).toMatchObject({ total: 0 })
    expect((await tasks.source.functions()).map(({ funcName }) => funcName)).toEqual(['work'])
    expect(await tasks.source.queues()).toEqual([])
    expect(await store.workers.list()).toHaveLength(1)
  })

  it('says what it could not try', async () => {
    const report = await openManager().selfTest()
    expect(report.ok).toBe(true)
    expect(verdicts(report)).toEqual({ store: 'ok', reader: 'ok', clock: 'ok', run: 'skipped' })
  })

  it('says that tasks are not run in time, and takes its own away', async () => {
    const tasks = openManager({ concurrency: 1 })
    const work = scriptedTask([{ holds: true }])
    tasks.define('work', work.run)
    await tasks.start()
    await tasks.enqueue('work')
    const report = await tasks.selfTest({ timeoutMs: 200 })
    expect(report.ok).toBe(false)
    expect(verdicts(report)).toEqual({ store: 'ok', reader: 'ok', clock: 'ok', run: 'failed' })
    expect((await tasks.list()).total).toBe(1)
    work.release()
  })

  it('notices a clock that differs', async () => {
    const clock = createFakeClock()
    const store = memory()
    const now = clock.now()
    const tasks = openManager({ store, clock })
    await tasks.list()
    const other = { workerId: 'other', hostname: 'elsewhere', pid: 1, startedAt: now }
    await store.workers.beat({ ...other, heartbeatAt: now + 30_000, leaseUntil: now + 45_000 })
    const { checks } = await tasks.selfTest()
    expect(checks).toContainEqual(
      expect.objectContaining({ name: 'clock', status: 'failed', detail: expect.stringContaining('30000 ms ahead') }),
    )
  })

  it('answers although the store does not', async () => {
    const clock = createFakeClock()
    const store = memory()
    const never = () => new Promise<never>(() => undefined)
    const hanging = openManager({ clock, store: { ...store, open: never } })
    let report: Awaited<ReturnType<typeof hanging.selfTest>> | null = null
    void hanging.selfTest({ timeoutMs: 1_000 }).then((found) => (report = found))
    await clock.advance(10_000)
    expect(report).toMatchObject({ ok: false })
    const ending = hanging.shutdown({ timeoutMs: 0 })
    await clock.advance(10_000)
    await ending
    const refusing = openManager({ store: { ...store, open: () => Promise.reject(new Error('no disk')) } })
    const { checks } = await refusing.selfTest()
    expect(checks[0]).toMatchObject({ name: 'store', status: 'failed', detail: 'no disk' })
  })

  it('reads its option at the door', async () => {
    const tasks = openManager()
    await expect(tasks.selfTest({ timeoutMs: 0 })).rejects.toEqual(withCode('bad_option'))
    await expect(tasks.selfTest({ timeout: 5 } as never)).rejects.toEqual(withCode('bad_option'))
  })
})
