import type { TaskManager } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import { Held, until, type Team } from './team.ts'

/** What becomes of tasks when their process stops. */
export function describeStopping(team: () => Team): void {
  /** Another manager that looks at what the first has left. */
  const reader = (defines: (tasks: TaskManager) => void) => team().started(defines, { work: false })

  describe('stops', () => {
    it('when what runs has ended, and leaves what has not begun to others', async () => {
      const held = new Held()
      const later = new Held()
      const tasks = await team().started((one) => one.define('hold', held.run), { concurrency: 1 })
      const ends: string[] = []
      tasks.on('complete', ({ status }) => ends.push(status))
      const [first, second] = await tasks.enqueueMany(['a', 'b'].map((name) => ({ name: 'hold', args: [name] })))
      await until(() => held.held === 1, 'the first runs')
      const ending = tasks.shutdown({ timeoutMs: 10_000 })
      held.open()
      await ending
      expect(ends).toEqual(['success'])
      expect(held.started).toEqual(['a'])
      if (!team().isShared) return
      later.open()
      const other = await team().started((one) => one.define('hold', later.run))
      expect(await other.wait(second?.id ?? '')).toMatchObject({ status: 'success', attempt: 1 })
      expect(await other.get(first?.id ?? '')).toMatchObject({ status: 'success', attempt: 1 })
      expect(later.started).toEqual(['b'])
    })

    it('and interrupts what does not end', async () => {
      const held = new Held()
      const defines = (one: TaskManager) => one.define('hold', { retries: 3 }, held.run)
      const tasks = await team().started(defines)
      const ends: string[] = []
      tasks.on('fail', ({ status }) => ends.push(status))
      const { id } = await tasks.enqueue('hold')
      await until(() => held.held === 1, 'it runs')
      await tasks.shutdown({ timeoutMs: 0 })
      expect(ends).toEqual(['interrupted'])
      if (!team().isShared) return
      expect(await (await reader(defines)).get(id)).toMatchObject({ status: 'interrupted', attempt: 1 })
      held.open()
    })

    it('and gives what may be repeated to others', async () => {
      const held = new Held()
      const defines = (one: TaskManager) => one.define('hold', { requeueOnInterrupt: true }, held.run)
      const tasks = await team().started(defines)
      const { id } = await tasks.enqueue('hold', ['again'])
      await until(() => held.held === 1, 'it runs')
      await tasks.shutdown({ timeoutMs: 0 })
      held.open()
      if (!team().isShared) return
      const other = await team().started(defines)
      expect(await other.wait(id)).toMatchObject({ status: 'success', attempt: 2, retriesUsed: 0 })
      expect(held.started).toEqual(['again', 'again'])
    })

    it('before it was started, twice, and with nothing to do', async () => {
      const tasks = team().member((one) => one.define('note', () => undefined))
      await tasks.enqueue('note')
      await Promise.all([tasks.shutdown(), tasks.shutdown()])
      await expect(tasks.enqueue('note')).rejects.toMatchObject({ code: 'shut_down' })
      if (!team().isShared) return
      const ran: number[] = []
      const other = await team().started((one) => one.define('note', () => void ran.push(1)))
      await until(() => ran.length === 1, 'another one runs it')
      await other.shutdown()
    })
  })
}
