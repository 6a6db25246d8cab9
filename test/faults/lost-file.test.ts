import { renameSync, rmSync } from 'node:fs'
import { TaskManager } from '@taskloom/engine'
import { describe, expect, it, vi } from 'vitest'
import { nextFile, openWatched } from './temporary.ts'

async function running() {
  const path = nextFile()
  const watched = openWatched({ store: path })
  watched.tasks.define('work', () => 1)
  await watched.tasks.start()
  await watched.tasks.enqueue('work')
  return { path, ...watched }
}

function storeHealth(tasks: TaskManager) {
  return tasks.source.health().then(({ checks }) => checks.find(({ name }) => name === 'store'))
}

describe('a database file that goes away while it is open', () => {
  it('is noticed when it is deleted: health says so and nothing is taken any more', { timeout: 15_000 }, async () => {
    const { path, tasks, faults } = await running()
    expect(await storeHealth(tasks)).toMatchObject({ status: 'ok' })
    rmSync(path)
    await expect
      .poll(() => storeHealth(tasks), { timeout: 5_000 })
      .toMatchObject({
        status: 'down',
        detail: expect.stringContaining('was deleted while it was open') as string,
      })
    await expect(tasks.enqueue('work')).rejects.toMatchObject({ code: 'store_lost' })
    await expect(tasks.list()).rejects.toMatchObject({ code: 'store_lost' })
    // The heartbeat tells it even when nobody asks.
    await vi.waitFor(() => expect(faults).toContainEqual(expect.stringMatching(/^the heartbeat: .*was deleted/)), {
      timeout: 8_000,
      interval: 50,
    })
  })

  it('is noticed when another one takes its place', async () => {
    const { path, tasks } = await running()
    const other = nextFile()
    const theirs = new TaskManager({ store: other })
    await theirs.start()
    await theirs.shutdown()
    renameSync(other, path)
    await expect
      .poll(() => storeHealth(tasks), { timeout: 5_000 })
      .toMatchObject({
        status: 'down',
        detail: expect.stringContaining('was replaced by another one') as string,
      })
    await expect(tasks.enqueue('work')).rejects.toMatchObject({ code: 'store_lost' })
  })

  it('is taken again when it is put back', async () => {
    const { path, tasks } = await running()
    renameSync(path, `${path}.away`)
    await expect.poll(() => storeHealth(tasks), { timeout: 5_000 }).toMatchObject({ status: 'down' })
    renameSync(`${path}.away`, path)
    await expect.poll(() => storeHealth(tasks), { timeout: 5_000 }).toMatchObject({ status: 'ok' })
    const { id } = await tasks.enqueue('work')
    expect(await tasks.wait(id)).toMatchObject({ status: 'success' })
  })
})
