import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TaskManager } from '@taskloom/engine'
import { buildRecord, scriptedTask } from '@taskloom/testkit'
import Database from 'better-sqlite3'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import type { Creation, Transition } from '../../packages/engine/src/core/record.ts'
import { RowPlaces } from '../../packages/engine/src/stores/sqlite/row-places.ts'

function creationsOf(...ids: readonly string[]): readonly Creation[] {
  return ids.map((taskId) => ({
    previous: null,
    next: buildRecord({ taskId, status: 'running' }),
    attempt: null,
    logs: [],
  }))
}

function endsOf(...ids: readonly string[]): readonly Transition[] {
  return creationsOf(...ids).map(({ next }) => ({ previous: next, next, attempt: null, logs: [] }))
}

describe('places of rows', () => {
  it('are known for tasks that end in the order they were stored in', () => {
    const places = new RowPlaces()
    places.remember(creationsOf('a', 'b', 'c'), 12)
    places.remember(creationsOf('d'), 13)
    expect(places.take(endsOf('a', 'b', 'c', 'd'))).toEqual({ firstRow: 10, lastRow: 13, firstId: 'a', lastId: 'd' })
    expect(places.take(endsOf('a', 'b', 'c', 'd'))).toBeNull()
  })

  it('are known for a part, and then for the rest', () => {
    const places = new RowPlaces()
    places.remember(creationsOf('a', 'b', 'c', 'd'), 9)
    expect(places.take(endsOf('a', 'b'))).toEqual({ firstRow: 6, lastRow: 7, firstId: 'a', lastId: 'b' })
    expect(places.take(endsOf('c', 'd'))).toEqual({ firstRow: 8, lastRow: 9, firstId: 'c', lastId: 'd' })
  })

  it('are not known when others lie between, or the order is another', () => {
    const places = new RowPlaces()
    places.remember(creationsOf('a', 'b'), 2)
    places.remember(creationsOf('c', 'd'), 5)
    expect(places.take(endsOf('a', 'b', 'c', 'd'))).toBeNull()
    places.remember(creationsOf('e', 'f'), 7)
    expect(places.take(endsOf('f', 'e'))).toBeNull()
    expect(places.take([])).toBeNull()
  })

  it('mislead nobody when the rows were moved meanwhile', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'taskloom-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const file = join(folder, 'tasks.db')
    const tasks = new TaskManager({ store: file })
    onTestFinished(() => tasks.shutdown({ timeoutMs: 0 }))
    const held = scriptedTask([{ holds: true }])
    const noop = tasks.define('noop', () => undefined)
    const task = tasks.define('held', held.run)
    await tasks.start()
    await Promise.all(Array.from({ length: 50 }, () => noop.enqueue()))
    await tasks.idle()
    const ids = (await Promise.all(Array.from({ length: 60 }, () => task.enqueue()))).map(({ id }) => id)
    await vi.waitFor(() => expect(held.held).toBe(60))
    const { tasks: ended } = await tasks.list({ limit: 500 })
    for (const { taskId, status } of ended) if (status === 'success') await tasks.delete(taskId)
    const other = new Database(file)
    other.exec('VACUUM')
    other.close()
    for (let left = ids.length; left > 0; left -= 1) held.release()
    await tasks.idle()
    const { tasks: left } = await tasks.list({ limit: 500 })
    expect(left.map(({ status }) => status)).toEqual(Array.from({ length: 60 }, () => 'success'))
  })
})
