import {
  compareHistories,
  digestOf,
  insertTask,
  planTransfer,
  transferHistory,
  transferKinds,
  type Store,
  type TransferKind,
  type TransferOptions,
  type TransferRows,
  type TransferStore,
} from '@taskloom/engine/store'
import { anyTask } from '@taskloom/protocol'
import { afterEach, describe, expect, it } from 'vitest'
import { buildRecord } from '../build-record.ts'
import { everyAnswer } from './answers.ts'
import { writeFullHistory } from './full-history.ts'
import { inBatches, randomHistory } from './sample.ts'

/** Carrying a whole history from one store into another. */
export function describeTransfer(store: () => Store, makeStore: () => Store | Promise<Store>): void {
  const others: Store[] = []
  afterEach(async () => {
    for (const other of others.splice(0)) await other.close()
  })
  /** A second, empty store of the same kind. */
  const openOther = async (): Promise<Store> => {
    const other = await makeStore()
    others.push(other)
    await other.open()
    return other
  }
  const nobody = (): boolean => false
  const canTransfer = (): boolean => store().supports.transfer === true
  /** Where a store cannot do it nothing is there that would have to hold. */
  const itCarries = (name: string, act: () => Promise<void>): void => {
    it(name, async () => {
      if (canTransfer()) await act()
      else expect(store().transfer).toBeUndefined()
    })
  }

  describe('transfer', { timeout: 30_000 }, () => {
    it('is there if, and only if, the store says so, and else is refused', async () => {
      expect(store().transfer !== undefined).toBe(canTransfer())
      if (canTransfer()) return
      const ends = { source: store(), target: await openOther() }
      await expect(planTransfer(ends, nobody)).rejects.toMatchObject({ code: 'unsupported' })
    })

    itCarries('carries everything, so that both answer the same, and finds them equal', async () => {
      await writeFullHistory(store())
      const target = await openOther()
      const plan = await planTransfer({ source: store(), target }, nobody)
      const report = await transferHistory(plan, options('1'))
      expect(report.kinds.filter(({ source }) => source.count === 0)).toEqual([])
      expect(report.kinds.filter(({ isEqual }) => !isEqual)).toEqual([])
      expect(report.isEqual).toBe(true)
      expect(await everyAnswer(target)).toEqual(await everyAnswer(store()))
      const recount = await target.upkeep.recount({ after: null, mend: false })
      expect(recount).toMatchObject({ differing: 0 })
      for (const kind of ['locks', 'attempts', 'logs', 'tags'] as const) {
        expect(await target.upkeep.strays({ kind, after: null, remove: false })).toMatchObject({ found: 0 })
      }
    })

    itCarries('leaves a store that goes on as any other does', async () => {
      await writeFullHistory(store())
      const target = await openOther()
      await transferHistory(await planTransfer({ source: store(), target }, nobody), options('1'))
      await expect(insertTask(target.tasks, buildRecord({ locks: ['Book:2'] }))).rejects.toMatchObject({
        code: 'conflict_lock',
      })
      expect(await insertTask(target.tasks, buildRecord({ idempotencyKey: 'key' }))).toMatchObject({
        deduplicated: true,
      })
      const { total } = await target.views.metrics(anyTask)
      await insertTask(target.tasks, buildRecord())
      expect((await target.views.metrics(anyTask)).total).toBe(total + 1)
      const who = { at: 1, actor: 'bob', role: null, address: null, target: null, reason: null, code: null }
      const entry = { ...who, action: 'look', outcome: 'ok', affected: [], affectedCount: 0, detail: null } as const
      await target.audit.append([entry])
      expect(await target.audit.verify({ from: 1, limit: 100 })).toMatchObject({ broken: null })
    })

    itCarries('reads every row once, however small the slices are, and counts them', async () => {
      await writeFullHistory(store())
      const source = needTransfer(store())
      for (const kind of transferKinds) {
        const whole = await readAll(source, kind, 500)
        expect(await readAll(source, kind, 1)).toEqual(whole)
        expect(await source.count(kind)).toBe(whole.length)
        expect(await digestOf(source, kind)).toMatchObject({ count: whole.length })
      }
    })

    itCarries('changes nothing by writing twice', async () => {
      await writeFullHistory(store())
      const source = needTransfer(store())
      const target = await openOther()
      for (const kind of transferKinds) {
        const rows = await readAll(source, kind, 500)
        for (const half of [rows.slice(0, 1), rows, rows]) await needTransfer(target).write(kind, half)
      }
      const report = await compareHistories({ source, target: needTransfer(target) }, options('1'))
      expect(report.kinds.filter(({ isEqual }) => !isEqual)).toEqual([])
      expect(await everyAnswer(target)).toEqual(await everyAnswer(store()))
    })

    itCarries('goes on where it was stopped', async () => {
      const records = randomHistory(400, 3)
      await inBatches(records, (record) => insertTask(store().tasks, record))
      const target = await openOther()
      const ends = { source: store(), target }
      const stop = new AbortController()
      const first = options('1', { signal: stop.signal, onProgress: stopAt(200, stop) })
      await expect(planTransfer(ends, nobody).then((plan) => transferHistory(plan, first))).rejects.toThrow()
      const plan = await planTransfer(ends, nobody)
      const before = plan.state?.kinds.tasks.copied ?? 0
      expect(before).toBeGreaterThanOrEqual(200)
      expect(plan.state?.kinds.tasks.isDone).toBe(false)
      expect((await target.views.metrics(anyTask)).total).toBe(before)
      const copied: number[] = []
      const onProgress: TransferOptions['onProgress'] = ({ stage, kind, done }) => {
        if (stage === 'copy' && kind === 'tasks') copied.push(done)
      }
      expect(await transferHistory(plan, options('2', { onProgress }))).toMatchObject({ isEqual: true })
      expect([copied[0], copied.at(-1)]).toEqual([before, 400])
      expect(await target.views.metrics(anyTask)).toEqual(await store().views.metrics(anyTask))
      expect(await target.upkeep.recount({ after: null, mend: false })).toMatchObject({ differing: 0 })
    })

    itCarries('is done by one at a time: an earlier run stops when a later one has begun', async () => {
      await inBatches(randomHistory(300, 4), (record) => insertTask(store().tasks, record))
      const ends = { source: store(), target: await openOther() }
      let isTakenOver = false
      const onProgress = async ({ done }: { readonly done: number }): Promise<void> => {
        if (isTakenOver || done === 0) return
        isTakenOver = true
        await transferHistory(await planTransfer(ends, nobody), options('2'))
      }
      const plan = await planTransfer(ends, nobody)
      await expect(transferHistory(plan, options('1', { onProgress }))).rejects.toMatchObject({ code: 'store_in_use' })
      const parts = { source: needTransfer(ends.source), target: needTransfer(ends.target) }
      expect(await compareHistories(parts, options('3'))).toMatchObject({ isEqual: true })
    })

    itCarries('says which kinds differ, and fills what is missing when it is done once more', async () => {
      await inBatches(randomHistory(20, 5), (record) => insertTask(store().tasks, record))
      const target = await openOther()
      const ends = { source: store(), target }
      let isLost = false
      const losing = options('1', {
        async onProgress({ stage }) {
          if (stage !== 'compare' || isLost) return
          isLost = true
          const { taskIds } = await target.views.ids({
            ...{ filter: { ...anyTask, statuses: ['success'] }, after: null, until: '~', limit: 1 },
          })
          await target.tasks.delete(taskIds[0] ?? '')
        },
      })
      const report = await transferHistory(await planTransfer(ends, nobody), losing)
      expect(report.isEqual).toBe(false)
      const differing = report.kinds.filter(({ isEqual }) => !isEqual)
      expect(differing.map(({ kind }) => kind)).toEqual(['tasks', 'deleted_counts'])
      expect(differing[0]).toMatchObject({ source: { count: 20 }, target: { count: 19 } })
      const again = await transferHistory(await planTransfer(ends, nobody), options('2'))
      expect(again.kinds.filter(({ isEqual }) => !isEqual).map(({ kind }) => kind)).toEqual(['deleted_counts'])
    })

    itCarries('is refused where it would do harm', async () => {
      const source = store()
      await insertTask(source.tasks, buildRecord())
      await expect(planTransfer({ source, target: source }, nobody)).rejects.toMatchObject({ code: 'bad_option' })

      const used = await openOther()
      await insertTask(used.tasks, buildRecord())
      await expect(planTransfer({ source, target: used }, nobody)).rejects.toMatchObject({ code: 'store_not_empty' })

      const target = await openOther()
      const worker = { workerId: 'w', hostname: 'h', pid: 1, startedAt: 1, heartbeatAt: 1, leaseUntil: 9 }
      const isLive = ({ leaseUntil }: { readonly leaseUntil: number }) => leaseUntil > 5
      for (const busy of [source, target]) {
        await busy.workers.beat(worker)
        await expect(planTransfer({ source, target }, isLive)).rejects.toMatchObject({ code: 'store_in_use' })
        await busy.workers.remove('w')
      }
      await transferHistory(await planTransfer({ source, target }, isLive), options('1'))
      for (const from of [source, used]) {
        const again = planTransfer({ source: from, target }, isLive)
        await expect(again).rejects.toMatchObject({ code: 'store_not_empty' })
      }
    })
  })
}

function options(run: string, changes: Partial<TransferOptions> = {}): TransferOptions {
  return { now: () => 5, run, signal: new AbortController().signal, onProgress: () => undefined, ...changes }
}

/** Stops once so many rows of a kind are copied. */
function stopAt(rows: number, stop: AbortController): TransferOptions['onProgress'] {
  return ({ done }) => {
    if (done >= rows) stop.abort()
  }
}

function needTransfer({ transfer }: Store): TransferStore {
  if (!transfer) throw new Error('The store cannot transfer')
  return transfer
}

async function readAll<K extends TransferKind>(
  store: TransferStore,
  kind: K,
  limit: number,
): Promise<readonly TransferRows[K][]> {
  const rows: TransferRows[K][] = []
  let after: string | null = null
  do {
    const slice: Awaited<ReturnType<typeof store.read<K>>> = await store.read(kind, after, limit)
    expect(slice.rows.length).toBeLessThanOrEqual(limit)
    rows.push(...slice.rows)
    after = slice.next
  } while (after !== null)
  return rows
}
