import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { scriptedTask } from '../../packages/testkit/src/scripted-task.ts'
import { openManager } from './open-manager.ts'

const ann = { actor: 'ann', reason: 'the customer waits' }
const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

async function file(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'taskloom-move-'))
  folders.push(folder)
  return join(folder, 'tasks.db')
}

/** A manager whose one place is taken until the gate is released, and three tasks that wait behind it. */
async function openBusy(store?: string) {
  const tasks = openManager({ concurrency: 1, ...(store ? { store } : {}) })
  const order: string[] = []
  const gate = scriptedTask([{ holds: true }])
  tasks.define('gate', gate.run)
  const note = tasks.define('note', { queue: 'mail' }, (name: string) => void order.push(name))
  await tasks.start()
  await tasks.enqueue('gate')
  await vi.waitFor(() => expect(gate.held).toBe(1))
  const ids: string[] = []
  for (const name of ['a', 'b', 'c']) ids.push((await note.enqueue(name)).id)
  return { tasks, order, gate, ids: ids as [string, string, string] }
}

describe.each(['memory', 'sqlite'])('moving a waiting task, %s', (kind) => {
  const open = async () => openBusy(kind === 'sqlite' ? await file() : undefined)

  it('to another priority puts it before the others', async () => {
    const { tasks, order, gate, ids } = await open()
    const moved = await tasks.source.move!(ids[2], { priority: 5 }, ann)
    expect(moved).toMatchObject({ priority: 5, queue: 'mail', status: 'pending' })
    gate.release()
    await tasks.idle()
    expect(order).toEqual(['c', 'a', 'b'])
  })

  it('to another queue counts it there, and its pause holds', async () => {
    const { tasks, order, gate, ids } = await open()
    await tasks.source.pauseQueue('later', ann)
    await tasks.source.move!(ids[0], { queue: 'later' }, ann)
    const counts = Object.fromEntries((await tasks.source.queues()).map((queue) => [queue.queue, queue.counts.pending]))
    expect(counts).toMatchObject({ mail: 2, later: 1 })
    gate.release()
    await vi.waitFor(() => expect(order).toEqual(['b', 'c']))
    await tasks.source.resumeQueue('later', ann)
    expect(await tasks.wait(ids[0])).toMatchObject({ status: 'success', queue: 'later' })
  })

  it('is noted in its log and in the audit, with the reason', async () => {
    const { tasks, gate, ids } = await open()
    await tasks.source.move!(ids[1], { queue: 'slow', priority: null }, ann)
    const { logs } = await tasks.source.detail(ids[1])
    expect(logs.map(({ message }) => message)).toContain(
      'Moved to queue slow, priority none by ann: the customer waits',
    )
    const { entries } = await tasks.source.audit.list({ taskId: ids[1], cursor: null, limit: 5 })
    expect(entries[0]).toMatchObject({ action: 'move', target: ids[1], detail: { queue: 'slow', priority: null } })
    gate.release()
    await tasks.idle()
  })

  it('is refused for one that waits no more', async () => {
    const { tasks, gate, ids } = await open()
    gate.release()
    await tasks.idle()
    await expect(tasks.source.move!(ids[0], { priority: 1 }, ann)).rejects.toMatchObject({ code: 'wrong_status' })
  })
})
