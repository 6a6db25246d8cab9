import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory } from '@taskloom/engine'
import { createHandler } from '../../packages/engine/src/server/handler.ts'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { Backlog, maxArriving } from '../../packages/engine/src/run/backlog.ts'
import { EventHub } from '../../packages/engine/src/observe/events.ts'
import type { WriteQueue } from '../../packages/engine/src/run/write-queue.ts'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager, withCode } from './open-manager.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function openFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'taskloom-backlog-'))
  folders.push(folder)
  return join(folder, 'tasks.db')
}

async function countRefused(answers: readonly Promise<unknown>[]): Promise<number> {
  const settled = await Promise.allSettled(answers)
  return settled.filter((answer) => {
    if (answer.status === 'fulfilled') return false
    expect(answer.reason).toEqual(withCode('too_many_pending'))
    return true
  }).length
}

describe('maxPending', () => {
  it('refuses what would wait beyond it, delayed tasks and those on their way included', async () => {
    const tasks = openManager({ maxPending: 10 })
    const note = tasks.define('note', () => undefined)
    await note.with({ delay: '1h' }).enqueue()
    const answers = Array.from({ length: 12 }, () => note.enqueue())
    expect(await countRefused(answers)).toBe(3)
    expect((await tasks.list()).total).toBe(10)
  })

  it('makes room when tasks start, are cancelled, and when one is repeated takes it again', async () => {
    const clock = createFakeClock()
    const tasks = openManager({ clock, maxPending: 2, concurrency: 1 })
    const work = scriptedTask([{ holds: true }])
    const call = tasks.define('call', { retries: 1, delay: '1h' }, work.run)
    await tasks.start()
    await clock.advance(0)
    await call.enqueue()
    await call.enqueue()
    const { id } = await call.enqueue()
    await expect(call.enqueue()).rejects.toEqual(withCode('too_many_pending'))
    await tasks.cancel(id)
    await call.enqueue()
    await expect(call.enqueue()).rejects.toMatchObject({ details: { limit: 2 } })
    work.release({ throws: new Error('again') })
    await vi.waitFor(() => expect(work.calls).toHaveLength(2))
    await expect(call.enqueue()).rejects.toEqual(withCode('too_many_pending'))
    work.release()
    await vi.waitFor(() => expect(work.held).toBe(1))
    work.release()
    await clock.advance(0)
  })

  it('counts what an earlier process left waiting', async () => {
    const store = openFile()
    const before = openManager({ store })
    const names = Array.from({ length: 5 }, () => ({ name: 'note' }))
    before.define('note', () => undefined)
    await before.enqueueMany(names)
    await before.shutdown()
    const tasks = openManager({ store, maxPending: 6 })
    const note = tasks.define('note', () => undefined)
    await note.enqueue()
    await expect(note.enqueue()).rejects.toEqual(withCode('too_many_pending'))
    await tasks.start()
    await tasks.idle()
    expect(await note.enqueue()).toMatchObject({ deduplicated: false })
  })

  it('hears of what other processes store', async () => {
    const store = openFile()
    const clock = createFakeClock()
    const other = openManager({ store })
    const tasks = openManager({ store, clock, maxPending: 5 })
    for (const manager of [other, tasks]) manager.define('note', () => undefined)
    await tasks.enqueue('note')
    await other.enqueueMany(Array.from({ length: 6 }, () => ({ name: 'note' })))
    await clock.advance(5_000)
    await vi.waitFor(() => expect(tasks.enqueue('note')).rejects.toEqual(withCode('too_many_pending')))
  })

  it('asks the store once, not for each task', async () => {
    const store = memory()
    const queues = vi.spyOn(store.views, 'queues')
    const tasks = openManager({ store, maxPending: 1_000 })
    const note = tasks.define('note', () => undefined)
    await tasks.start()
    await Promise.all(Array.from({ length: 500 }, () => note.enqueue()))
    await tasks.idle()
    expect(queues).toHaveBeenCalledTimes(1)
  })

  it('is 429 for an operator who retries', async () => {
    const tasks = openManager({ maxPending: 1, concurrency: 1 })
    const work = scriptedTask([{ throws: new Error('no') }, { holds: true }])
    const call = tasks.define('call', work.run)
    await tasks.start()
    const { id } = await call.enqueue()
    await tasks.wait(id)
    await call.enqueue()
    await vi.waitFor(() => expect(work.held).toBe(1))
    await call.enqueue()
    const handler = createHandler(tasks.source, {})
    const request = new Request(`http://localhost/tasks/${id}/retry`, {
      method: 'POST',
      headers: { 'x-requested-with': 'taskloom' },
    })
    const response = await handler(request, { basePath: '/tasks', rawPath: `/${id}/retry` })
    handler.close()
    expect([response.status, await response.json()]).toEqual([
      429,
      expect.objectContaining({ code: 'too_many_requests' }),
    ])
    const bulk = await tasks.source.bulkRetry([id], { again: true }, { actor: 'ann', reason: null })
    expect(bulk.results).toEqual([{ originalTaskId: id, newTaskId: null, reason: 'too_many_pending' }])
  })

  it.each([0, -1, 1.5, '10'])('is refused when it is none: %j', (maxPending) => {
    expect(() => openManager({ maxPending: maxPending as number })).toThrow(withCode('bad_option'))
  })
})

describe('a store that does not answer', () => {
  it('lets only so many new tasks pile up in memory', () => {
    const writes = { arriving: maxArriving - 1 }
    const events = new EventHub()
    const options = { store: memory(), clock: createFakeClock(), events, maxPending: null }
    const backlog = new Backlog({ ...options, writes: writes as WriteQueue })
    expect(() => backlog.admit(1)).not.toThrow()
    expect(() => backlog.admit(2)).toThrow(withCode('too_many_pending'))
    writes.arriving += 1
    expect(() => backlog.admit(1)).toThrow(withCode('too_many_pending'))
  })
})
