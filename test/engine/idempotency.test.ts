import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory, sqlite, type Store, type TaskManager } from '@taskloom/engine'
import { afterAll, describe, expect, it } from 'vitest'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager } from './open-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-keys-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const act = { actor: 'ann', reason: null }
let files = 0

/** Two managers: over one store in memory, or over two connections to one file. */
const pairs: readonly (readonly [string, () => readonly [Store, Store]])[] = [
  [
    'memory',
    () => {
      const store = memory()
      return [store, store]
    },
  ],
  [
    'SQLite with two connections',
    () => {
      const path = join(folder, `keys-${(files += 1)}.db`)
      return [sqlite(path), sqlite(path)]
    },
  ],
]

describe.each(pairs)('an idempotency key on %s', (_name, stores) => {
  async function open(run: (...args: never[]) => unknown = throwIf): Promise<readonly [TaskManager, TaskManager]> {
    const [first, second] = stores().map((store) => openManager({ store })) as [TaskManager, TaskManager]
    for (const tasks of [first, second]) {
      tasks.define('work', run)
      await tasks.start()
    }
    return [first, second]
  }

  it('gives the same task, whoever enqueues it one by one', async () => {
    const [first, second] = await open()
    const options = { idempotencyKey: 'order-1' }
    const made = await first.enqueue('work', [false], options)
    expect(made.deduplicated).toBe(false)
    expect(await second.enqueue('work', [false], options)).toEqual({ id: made.id, deduplicated: true })
    await first.wait(made.id)
    expect(await second.enqueue('work', [false], options)).toEqual({ id: made.id, deduplicated: true })
    expect((await first.list()).total).toBe(1)
  })

  it('gives the same task to many at once, of which one is new', async () => {
    const [first, second] = await open()
    const requests = Array.from({ length: 50 }, (_, index) => ({
      ...{ name: 'work', args: [false], options: { idempotencyKey: `k${index % 5}` } },
    }))
    const answers = (await Promise.all([first.enqueueMany(requests), second.enqueueMany(requests)])).flat()
    expect(new Set(answers.map(({ id }) => id)).size).toBe(5)
    expect(answers.filter(({ deduplicated }) => !deduplicated)).toHaveLength(5)
    await Promise.all([first.idle(), second.idle()])
    expect((await second.list()).total).toBe(5)
  })

  it('goes over to the retry of its task, which then holds it', async () => {
    const work = scriptedTask([{ throws: new Error('no') }, { holds: true }])
    const [first, second] = await open(work.run)
    const options = { idempotencyKey: 'order-2' }
    const { id } = await first.enqueue('work', [true], options)
    await first.wait(id)
    const [one, two] = await Promise.all([first.retry(id), second.retry(id)])
    expect(one.taskId).not.toBe(id)
    expect(two.taskId).toBe(one.taskId)
    expect(await second.enqueue('work', [true], options)).toEqual({ id: one.taskId, deduplicated: true })
    await expect.poll(() => work.held).toBe(1)
    work.release()
    await first.wait(one.taskId)
    expect(work.calls).toHaveLength(2)
    expect(await first.get(id)).toMatchObject({ retryCount: 1 })
  })

  it('is not run twice when its task is retried although another has the key', async () => {
    const [first, second] = await open()
    const options = { idempotencyKey: 'order-3' }
    const failed = await first.enqueue('work', [true], options)
    await first.wait(failed.id)
    const done = await second.enqueue('work', [false], options)
    expect(done).toMatchObject({ deduplicated: false })
    await second.wait(done.id)
    expect((await first.retry(failed.id)).taskId).toBe(done.id)
    const bulk = await second.source.bulkRetry([failed.id], { again: true }, act)
    expect(bulk.results).toEqual([{ originalTaskId: failed.id, newTaskId: null, reason: 'already_retried' }])
    expect(await first.get(failed.id)).toMatchObject({ retryCount: 0 })
    expect((await first.list()).total).toBe(2)
  })

  it('is free again when its task was cancelled', async () => {
    const [first] = await open()
    const options = { idempotencyKey: 'order-4', delay: '1h' }
    const { id } = await first.enqueue('work', [false], options)
    await first.cancel(id)
    expect((await first.enqueue('work', [false], options)).deduplicated).toBe(false)
  })

  it('is stored as a hash alone', async () => {
    const [first] = await open()
    const key = 'person@example.com \u{1f512} order'
    const { id } = await first.enqueue('work', [false], { idempotencyKey: key })
    expect((await first.get(id))?.idempotencyKey).toMatch(/^[0-9a-f]{64}$/)
    const other = await first.enqueue('work', [false], { idempotencyKey: key.toUpperCase() })
    expect(other.deduplicated).toBe(false)
    await expect(first.enqueue('work', [false], { idempotencyKey: 'x'.repeat(201) })).rejects.toThrow(/idempotencyKey/)
    await first.idle()
    await first.shutdown()
    for (const ending of ['', '-wal']) {
      const path = join(folder, `keys-${files}.db${ending}`)
      expect(readIfThere(path).includes('person@example.com')).toBe(false)
    }
  })

  it('has its like in the slot of a schedule: one task, whoever fires it', async () => {
    const clock = createFakeClock(Date.UTC(2026, 0, 1))
    const managers = stores().map((store) => openManager({ store, clock }))
    for (const tasks of managers) {
      tasks.schedule('tick', { every: '1m' }, () => null)
      await tasks.start()
    }
    for (let minute = 0; minute < 5; minute += 1) await clock.advance(60_000)
    await expect.poll(async () => (await managers[0]!.list()).total).toBe(5)
    const { tasks: rows } = await managers[1]!.list()
    const slots = await Promise.all(rows.map(async ({ taskId }) => (await managers[0]!.get(taskId))?.slotAt))
    expect(new Set(slots).size).toBe(5)
  })
})

function throwIf(fail: boolean): void {
  if (fail) throw new Error('no')
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return ''
  }
}
