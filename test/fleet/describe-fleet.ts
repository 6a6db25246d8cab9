import { sqlite, TaskManager } from '@taskloom/engine'
import type { Store, TaskRecord } from '@taskloom/engine/store'
import { anyTask, serverRoutes, type TaskSummary } from '@taskloom/protocol'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { UsedServer } from '../servers/use-server.ts'
import { startProxy, through, type FaultyProxy } from '../servers/proxy.ts'
import { Fleet, speed, type Instance, type StoreKind } from './fleet.ts'
import { follow } from './follow.ts'
import { keysTwice, lost, miscounted, readAll, slotsOf, unfinished, unmarked } from './verdicts.ts'

const names = ['a', 'b', 'c'] as const
const minute = 60_000
const halfOpenMs = 20_000
const patience = { timeout: 60_000, interval: 250 }

export interface FleetOptions {
  /** How long an instance is killed each second. */
  readonly stormMs: number
  /** The database; null for a file. */
  readonly server: UsedServer | null
}

/** Three instances on one store: what they promise together while everything fails that can, and when it is quiet. */
export function describeFleet(kind: StoreKind, { stormMs, server }: FleetOptions): void {
  describe.skipIf(server?.missing)(`three instances on ${kind}`, () => {
    let fleet: Fleet
    let proxy: FaultyProxy | null = null
    let store: Store
    let observer: TaskManager
    let records: readonly TaskRecord[] = []

    beforeAll(async () => {
      fleet = new Fleet(kind, server?.url ?? null)
      for (const name of names) await fleet.start(name)
      store = await openStore(kind, fleet.url)
      observer = new TaskManager({ store })
      await observer.open()
    }, 60_000)
    afterAll(async () => {
      await observer?.shutdown()
      await fleet?.end()
      await proxy?.close()
    }, 60_000)

    /** Waits until nothing waits or runs, and reads everything. */
    async function whenQuiet(): Promise<readonly TaskRecord[]> {
      const { client } = await fleet.get('a')
      const open = async () => {
        const { pending, running } = await client.metrics(anyTask)
        return pending + running
      }
      await expect.poll(open, patience).toBe(0)
      return readAll(store)
    }

    it('lose nothing and run nothing twice unmarked, whatever fails', { timeout: stormMs + 4 * minute }, async () => {
      if (server !== null) {
        proxy = await startProxy(server.port)
        await fleet.stop('b')
        await fleet.start('b', { url: through(server.url, proxy) })
      }
      await fleet.tell('load')
      await Promise.all([storm(fleet, stormMs), outage(server, proxy, stormMs)])
      await fleet.tell('rest')
      await pauseTicks(fleet)
      records = await whenQuiet()

      const facts = fleet.facts()
      expect(fleet.fallen).toEqual([])
      expect(lost(facts, records)).toEqual([])
      expect(unmarked(facts, records)).toEqual([])
      expect(miscounted(records)).toEqual([])
      expect(unfinished(facts, records)).toEqual([])
      expect(records.length).toBeGreaterThan(stormMs / 150)
      expect(records.filter(({ interruptions }) => interruptions > 0).length).toBeGreaterThan(0)
      // Those that want to wait again after an interruption have all come to their end.
      const ends = (funcName: string) =>
        new Set(records.filter((one) => one.funcName === funcName).map((one) => one.status))
      expect(ends('again')).toEqual(new Set(['success']))
    })

    it('have filled each slot once and run each key once', () => {
      const slots = slotsOf('tick', records)
      expect(slots.length).toBeGreaterThan((stormMs / 1_000) * speed * 0.8)
      expect(slots).toEqual(slots.map((_, index) => (slots[0] ?? 0) + index * 1_000))
      expect(records.filter(({ idempotencyKey }) => idempotencyKey !== null).length).toBeGreaterThan(10)
      expect(keysTwice(records)).toEqual([])
    })

    it('show the same rows and counts on every dashboard', { timeout: 2 * minute }, async () => {
      const shown = await Promise.all((await fleet.all()).map(shownBy))
      expect(shown[0]?.rows.length).toBe(Math.min(500, records.length))
      for (const other of shown) expect(other).toEqual(shown[0])
      const found = { total: records.length, pending: 0, running: 0 }
      expect(shown[0]?.counts).toMatchObject(found)
    })

    it('leave nothing behind, and counts that are right', { timeout: 2 * minute }, async () => {
      const nothing = { found: 0, mended: 0 }
      await expect
        .poll(() => observer.cleanup({ dryRun: true }), patience)
        .toMatchObject({ workers: nothing, orphans: nothing, locks: nothing, attempts: nothing, logs: nothing })
      expect(await observer.reconcile({ dryRun: true })).toMatchObject({ differing: 0 })
      expect(await observer.verifyAudit()).toMatchObject({ broken: null })
    })

    it('tell of each other’s changes, and list each other with what they run', { timeout: minute }, async () => {
      const [a, b] = [await fleet.get('a'), await fleet.get('b')]
      const seen = await follow(a.client)
      const id = await b.enqueue('held')
      await expect.poll(() => seen.rows().find(({ taskId }) => taskId === id)?.status, patience).toBe('running')
      const running = async () => {
        const workers = await a.client.ask(serverRoutes.workers)
        return workers.filter(({ status }) => status === 'active').map(({ hostname, running }) => [hostname, running])
      }
      await expect
        .poll(async () => (await running()).sort(), patience)
        .toEqual([
          ['host-a', 0],
          ['host-b', 1],
          ['host-c', 0],
        ])
      await a.client.cancel(id, { reason: 'on another instance' })
      await expect.poll(() => seen.rows().find(({ taskId }) => taskId === id)?.status, patience).toBe('cancelled')
      seen.leave()
    })

    it('obey what is said to another: cancel, pause, resume, run now', { timeout: 2 * minute }, async () => {
      const [a, b, c] = [await fleet.get('a'), await fleet.get('b'), await fleet.get('c')]
      const held = await b.enqueue('held')
      await c.client.cancel(held)
      await expect.poll(() => statusOf(store, held), patience).toBe('cancelled')
      const late = await c.enqueue('quick', '1d')
      await a.client.runNow(late)
      await expect.poll(() => statusOf(store, late), patience).toBe('success')

      await a.client.ask(serverRoutes.pauseQueue, { at: { name: 'default' }, body: {} })
      const paused = () => Promise.all([b, c].map(isPausedAt))
      await expect.poll(paused, patience).toEqual([true, true])
      const waits = await Promise.all([b.enqueue('slow', '2s'), c.enqueue('slow', '2s')])
      // Long after they became due.
      const until = fleetNow(fleet) + 8_000
      await expect.poll(() => fleetNow(fleet) > until, patience).toBe(true)
      expect(await Promise.all(waits.map((id) => statusOf(store, id)))).toEqual(['pending', 'pending'])
      await c.client.ask(serverRoutes.resumeQueue, { at: { name: 'default' }, body: {} })
      for (const id of waits) await expect.poll(() => statusOf(store, id), patience).toBe('success')
    })

    it('lose and interrupt nothing in a rolling restart under load', { timeout: 2 * minute }, async () => {
      const before = new Set(records.map(({ taskId }) => taskId))
      await fleet.tell('load')
      for (const name of names) {
        await fleet.stop(name)
        await fleet.start(name, { isLoaded: true })
      }
      await fleet.tell('rest')
      const all = await whenQuiet()
      const rolled = all.filter(({ taskId }) => !before.has(taskId))
      const facts = fleet.facts()
      expect(rolled.length).toBeGreaterThan(50)
      expect([lost(facts, all), unmarked(facts, all), miscounted(rolled)]).toEqual([[], [], []])
      expect(rolled.filter(({ interruptions }) => interruptions > 0)).toEqual([])
      expect(fleet.fallen).toEqual([])
    })

    it('leave each other’s tasks alone when clocks differ by five minutes', { timeout: 2 * minute }, async () => {
      const [a, b] = [await fleet.get('a'), await fleet.get('b')]
      const held = await Promise.all([a, b].map((instance) => instance.enqueue('held')))
      await expect.poll(() => begun(fleet, held), patience).toBe(2)
      const early = await fleet.start('early', { offsetMs: 5 * minute })
      const tardy = await fleet.start('tardy', { offsetMs: -5 * minute })
      held.push(...(await Promise.all([early, tardy].map((instance) => instance.enqueue('held')))))
      await expect.poll(() => begun(fleet, held), patience).toBe(4)
      // Long enough for each of them to be taken for dead.
      const until = fleetNow(fleet) + 40_000
      await expect.poll(() => fleetNow(fleet) > until, patience).toBe(true)
      for (const id of held) {
        expect(await store.tasks.get(id)).toMatchObject({ status: 'running', attempt: 1, interruptions: 0 })
      }
      // One whose clock is ahead is found dead all the same.
      await fleet.kill('early')
      await expect.poll(() => statusOf(store, held[2] ?? ''), patience).toBe('interrupted')
      for (const id of [held[0], held[1], held[3]]) await a.client.cancel(id ?? '')
      await expect
        .poll(() => Promise.all(held.map((id) => statusOf(store, id))), patience)
        .toEqual(['cancelled', 'cancelled', 'interrupted', 'cancelled'])
      expect(unmarked(fleet.facts(), await readAll(store))).toEqual([])
    })
  })
}

/** Kills one a second, the one that works for longest, and starts it again at once. */
async function storm(fleet: Fleet, stormMs: number): Promise<void> {
  const beganAt = performance.now()
  for (let count = 1; count * 1_000 <= stormMs; count += 1) {
    await at(beganAt + count * 1_000)
    // The one behind the proxy lives: it has its own troubles. On a slow machine there may be none that is ready.
    const name = fleet.oldest(fleet.kind === 'sqlite' ? [] : ['b'])
    if (name === undefined) continue
    await fleet.kill(name)
    void fleet.start(name, { isLoaded: true }).catch(() => undefined)
  }
  await fleet.all()
}

/** In the midst of it the database restarts, and then one instance is cut off from it for a while. */
async function outage(server: UsedServer | null, proxy: FaultyProxy | null, stormMs: number): Promise<void> {
  if (server === null || proxy === null) return
  const beganAt = performance.now()
  await at(beganAt + stormMs / 5)
  await server.restart()
  await at(beganAt + (stormMs * 2) / 5)
  proxy.swallow()
  await at(beganAt + (stormMs * 2) / 5 + halfOpenMs)
  proxy.heal()
}

function at(moment: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, moment - performance.now())))
}

async function pauseTicks(fleet: Fleet): Promise<void> {
  const { client } = await fleet.get('c')
  await client.pauseSchedule('tick')
  const stateThere = async () => (await (await fleet.get('a')).client.schedules())[0]?.status
  await expect.poll(stateThere, patience).toBe('paused')
}

/** The first page and the counts, without what every answer says of its own moment. */
async function shownBy({ client }: Instance): Promise<{ rows: readonly TaskSummary[]; counts: object }> {
  const { tasks } = await client.list({ limit: 500 })
  return { rows: tasks, counts: await client.metrics() }
}

/** Whether that instance knows that the default queue is paused. */
async function isPausedAt({ client }: Instance): Promise<boolean | undefined> {
  const queues = (await (await fetch(`${client.src}/queues`)).json()) as { queue: string; paused: boolean }[]
  return queues.find(({ queue }) => queue === 'default')?.paused
}

const statusOf = async (store: Store, id: string) => (await store.tasks.get(id))?.status

const begun = (fleet: Fleet, ids: readonly string[]) =>
  fleet.facts().filter(([word, id = '']) => word === 'begin' && ids.includes(id)).length

const fleetNow = ({ beganAt }: Fleet) => beganAt + (Date.now() - beganAt) * speed

async function openStore(kind: StoreKind, url: string): Promise<Store> {
  if (kind === 'sqlite') return sqlite(url)
  const made = (await import(`@taskloom/engine/${kind}`)) as Record<StoreKind, (url: string) => Store>
  return made[kind](url)
}
