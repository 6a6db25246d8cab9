import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memory, progress, sqlite, taskLog } from '@taskloom/engine'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openManager } from './open-manager.ts'

describe('what a task says', () => {
  it('is kept and told after it was kept', async () => {
    const tasks = openManager()
    const kinds: string[] = []
    const events: string[] = []
    tasks.source.subscribe((change) =>
      kinds.push(change.kind === 'task' ? `${change.previous?.status ?? 'new'}>${change.task.status}` : change.kind),
    )
    for (const name of ['create', 'complete', 'fail', 'cleanup'] as const) tasks.on(name, () => events.push(name))
    tasks.on('complete', () => {
      throw new Error('a listener of the host')
    })
    const work = tasks.define('work', async () => {
      taskLog('one', { level: 'warning', row: 1 })
      progress({ current: 1, total: 2, message: 'half' })
      await new Promise((resolve) => setImmediate(resolve))
      await new Promise((resolve) => setImmediate(resolve))
      taskLog('two')
    })
    await tasks.start()
    await tasks.idle()
    const { id } = await work.enqueue()
    const record = await tasks.wait(id)
    expect(record).toMatchObject({ status: 'success', hasLogs: true, progress: { percent: 50, message: 'half' } })
    const { logs } = await tasks.source.detail(id)
    expect(logs.map(({ line, message, level }) => [line, message, level])).toEqual([
      [1, 'one', 'warning'],
      [2, 'two', 'info'],
    ])
    expect(kinds).toEqual(['new>running', 'log', 'running>running', 'running>success', 'log'])
    expect(events).toEqual(['create', 'complete', 'cleanup'])
  })

  it.each(['memory', 'sqlite'])('is stored with the end when it came just before, in %s', async (kind) => {
    const folder = mkdtempSync(join(tmpdir(), 'taskloom-telling-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const tasks = openManager({ store: kind === 'memory' ? memory() : sqlite(join(folder, 'tasks.db')) })
    const work = tasks.define('work', async (isLong: boolean) => {
      progress({ percent: 10, page: 1 })
      if (isLong) await tasks.get('nothing')
      progress({ percent: 90, page: 9 })
    })
    await tasks.start()
    for (const isLong of [false, true]) {
      const { id } = await work.enqueue(isLong)
      await tasks.wait(id)
      const record = await tasks.get(id)
      expect(record).toMatchObject({ progress: { percent: 90 }, progressPayload: '{"page":9}' })
    }
  })

  it('ends after ten thousand lines', async () => {
    const tasks = openManager()
    const work = tasks.define('work', () => {
      for (let line = 0; line < 50_000; line += 1) taskLog(`line ${line}`)
    })
    await tasks.start()
    const { id } = await work.enqueue()
    expect(await tasks.wait(id)).toMatchObject({ status: 'success', truncated: ['logs'] })
    const page = await tasks.source.logs({ taskId: id, after: 9_999, minLevel: null, text: null, limit: 10 })
    expect(page.logs.map(({ level }) => level)).toEqual(['info', 'warning'])
  })
})
