import { AsyncLocalStorage } from 'node:async_hooks'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { taskContext, type TaskManagerOptions } from '@taskloom/engine'
import { describe, expect, it, onTestFinished } from 'vitest'
import { openManager, withCode } from './open-manager.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`
const act = { actor: 'ann', reason: null }

describe('a trace', () => {
  it('is stored with the task, continued by it and what it enqueues, and by a retry', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'trace-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const tasks = openManager({ store: join(folder, 'tasks.db') })
    const seen: unknown[] = []
    const look = () => seen.push([taskContext()?.funcName, taskContext()?.traceparent, taskContext()?.tracestate])
    tasks.define('child', look)
    tasks.define('parent', async () => {
      look()
      await tasks.enqueue('child')
      throw new Error('no')
    })
    await tasks.start()
    const { id } = await tasks.enqueue('parent', [], { traceparent, tracestate: 'vendor=1' })
    expect(await tasks.wait(id)).toMatchObject({ traceId, traceparent, tracestate: 'vendor=1' })
    await tasks.idle()
    expect(seen).toEqual([
      ['parent', traceparent, 'vendor=1'],
      ['child', traceparent, 'vendor=1'],
    ])
    expect(await tasks.source.detail(id)).toMatchObject({ traceId })
    const minted = await tasks.source.retry(id, act)
    expect(await tasks.wait(minted.taskId)).toMatchObject({ traceId, traceparent })
    await tasks.idle()
  })

  it.each([
    'nonsense',
    '',
    `ff-${traceId}-00f067aa0ba902b7-01`,
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-00f067aa0ba902b7-01`,
    `${traceparent}-more`,
  ])('that is none, %j, is ignored', async (given) => {
    const tasks = openManager()
    tasks.define('work', () => undefined)
    const { id } = await tasks.enqueue('work', [], { traceparent: given, tracestate: 'vendor=1' })
    expect(await tasks.get(id)).toMatchObject({ traceId: null, traceparent: null, tracestate: null })
  })

  it('needs texts, and a state that fits', async () => {
    const tasks = openManager()
    tasks.define('work', () => undefined)
    const options = { traceparent: 7 } as unknown as { traceparent: string }
    await expect(tasks.enqueue('work', [], options)).rejects.toEqual(withCode('bad_option'))
    const { id } = await tasks.enqueue('work', [], { traceparent, tracestate: 'x'.repeat(513) })
    expect(await tasks.get(id)).toMatchObject({ traceparent, tracestate: null })
  })
})

describe('the caller’s context', () => {
  it('never reaches the tasks of others, which are stored in the same batch', async () => {
    expect(await usersSeen({})).toEqual([
      ['ann', undefined],
      ['ann', undefined],
      ['bob', undefined],
      ['bob', undefined],
    ])
  })

  it('is there for each attempt of his task, with carryContext', async () => {
    expect(await usersSeen({ carryContext: true })).toEqual([
      ['ann', 'ann'],
      ['ann', 'ann'],
      ['bob', 'bob'],
      ['bob', 'bob'],
    ])
  })

  it('is asked for with true or false', () => {
    const options = { carryContext: 'yes' } as unknown as TaskManagerOptions
    expect(() => openManager(options)).toThrow(withCode('bad_option'))
  })

  it('is let go when the task has ended, and of too many the oldest', async () => {
    const { ContextCarrier } = await import('../../packages/engine/src/run/carrier.ts')
    const carrier = new ContextCarrier()
    for (let index = 0; index < 10_001; index += 1) carrier.keep(String(index), carrier.capture())
    expect(carrier.find('0')).toBeNull()
    expect(carrier.find('1')).not.toBeNull()
    carrier.forget('1')
    expect(carrier.find('1')).toBeNull()
  })
})

/** Two users enqueue in one turn; each task says who asked for it and whom it sees, at both of its attempts. */
async function usersSeen(options: TaskManagerOptions): Promise<unknown[]> {
  const user = new AsyncLocalStorage<string>()
  const tasks = openManager(options)
  const seen: [string, string | undefined][] = []
  tasks.define('look', { retries: 1, delay: 0 }, async (asked: string) => {
    await Promise.resolve()
    seen.push([asked, user.getStore()])
    throw new Error('again')
  })
  await tasks.start()
  const made = await Promise.all(['ann', 'bob'].map((name) => user.run(name, () => tasks.enqueue('look', [name]))))
  await Promise.all(made.map(({ id }) => tasks.wait(id)))
  return seen.sort(([a], [b]) => (a < b ? -1 : 1))
}
