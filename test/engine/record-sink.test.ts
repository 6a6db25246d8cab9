import { progress, recordSink, type EngineFault, type RecordSinkOptions } from '@taskloom/engine'
import { createFakeClock } from '@taskloom/testkit'
import { describe, expect, it } from 'vitest'
import { openManager, withCode } from './open-manager.ts'

type Upsert = Parameters<RecordSinkOptions['upsert']>[0]

describe('the record sink', () => {
  it('keeps a row of the columns that are wanted, as they are wanted', async () => {
    const table = new Map<string, Record<string, unknown>>()
    const sink = recordSink({
      upsert: ({ taskId, insert, update }) => {
        const row = table.get(taskId)
        table.set(taskId, row ? { ...row, ...update } : { ...insert })
      },
      columns: { taskId: 'job', status: 'state', user: 'who', tags: null, createdAt: null, progressPayload: null },
      format: { user: (label) => label ?? 'nobody', instant: (at) => (at === null ? null : 'then') },
      createDefaults: ({ task }) => ({ tenant: task.tags['tenant'] }),
    })
    const tasks = openManager({ observers: [sink] })
    const work = tasks.define('work', async () => {
      progress({ percent: 40, message: 'on its way' })
      await new Promise((resolve) => setImmediate(resolve))
      return 'done'
    })
    await tasks.start()
    const { id } = await work.with({ tags: { tenant: '7' }, affected: ['Book 1', 'Book 2'] }).enqueue()
    await expect.poll(() => table.get(id)?.['cleaned_up']).toBe(true)
    expect(table.get(id)).toEqual({
      job: id,
      tenant: '7',
      func_name: 'work',
      state: 'success',
      message: 'on its way',
      progress: 40,
      who: 'nobody',
      affected: 'Book 1, Book 2',
      result: '"done"',
      started_at: 'then',
      completed_at: 'then',
      cleaned_up: true,
    })
  })

  it('writes the rows of one task one after the other; the newest state wins and cleanup is the last', async () => {
    const clock = createFakeClock()
    const calls: Upsert[] = []
    let atOnce = 0
    let failures = 3
    const sink = recordSink({
      upsert: async (row) => {
        expect((atOnce += 1)).toBe(1)
        await new Promise((resolve) => setImmediate(resolve))
        atOnce -= 1
        calls.push(row)
        if ((failures -= 1) >= 0) throw new Error('table is locked')
      },
    })
    const tasks = openManager({ clock, observers: [sink] })
    const faults: EngineFault[] = []
    tasks.on('error', (fault) => faults.push(fault))
    const work = tasks.define('work', () => {
      throw new Error('no luck')
    })
    await tasks.start()
    const { id } = await work.enqueue()
    await tasks.wait(id)
    await clock.advance(0)
    await clock.advance(199)
    expect(calls).toHaveLength(1)
    await clock.advance(1)
    expect(calls).toHaveLength(2)
    await clock.advance(399)
    expect(calls).toHaveLength(2)
    await clock.advance(1)
    expect(calls).toHaveLength(3)
    await clock.advance(800)
    expect(calls).toHaveLength(4)
    expect(faults.map(({ during, taskId }) => [during, taskId])).toEqual(
      Array.from({ length: 3 }, () => ['observer records', id]),
    )
    expect(calls.at(-1)?.insert).toMatchObject({ status: 'failed', message: 'no luck', cleaned_up: true })
    expect(calls.at(-1)?.update).toMatchObject({ status: 'failed', cleaned_up: true })
    await clock.advance(60_000)
    expect(calls).toHaveLength(4)
  })

  it('lets other tasks pass one whose row cannot be written', async () => {
    const clock = createFakeClock()
    const written: string[] = []
    const tasks = openManager({
      clock,
      observers: [
        recordSink({
          concurrency: 1,
          upsert: ({ insert }) => {
            if (insert['func_name'] === 'cursed') throw new Error('constraint failed')
            written.push(insert['func_name'] as string)
          },
        }),
      ],
    })
    const cursed = tasks.define('cursed', () => undefined)
    const fine = tasks.define('fine', () => undefined)
    await tasks.start()
    await cursed.enqueue()
    await fine.enqueue()
    await expect.poll(() => written.at(-1)).toBe('fine')
  })

  it('tries what failed once more at shutdown and says what was given up', async () => {
    let isDown = true
    let rows = 0
    const upsert = (): void => {
      if (isDown) throw new Error('down')
      rows += 1
    }
    const open = async (): Promise<EngineFault[]> => {
      const tasks = openManager({ clock: createFakeClock(), observers: [recordSink({ upsert })] })
      const faults: EngineFault[] = []
      tasks.on('error', (fault) => faults.push(fault))
      const work = tasks.define('work', () => undefined)
      await tasks.start()
      await tasks.wait((await work.enqueue()).id)
      await expect.poll(() => faults.length).toBeGreaterThan(0)
      const isUpAgain = rows === 0 && !isDown
      if (isUpAgain) isDown = false
      return Object.assign(faults, { stop: () => tasks.shutdown() })
    }
    const gone = (await open()) as EngineFault[] & { stop: () => Promise<void> }
    await gone.stop()
    expect(String(gone.at(-1)?.error)).toContain('1 rows were not written')
    const back = (await open()) as EngineFault[] & { stop: () => Promise<void> }
    isDown = false
    await back.stop()
    expect(rows).toBe(1)
  })

  it('refuses what it does not understand', () => {
    const upsert = (): void => undefined
    for (const options of [{}, { upsert, columns: { kwargs: 'x' } }, { upsert, concurrency: 0 }, { upsert, map: {} }]) {
      expect(() => recordSink(options as never)).toThrow(withCode('bad_option'))
    }
  })
})
