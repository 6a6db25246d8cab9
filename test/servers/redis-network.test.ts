import { redis } from '@taskloom/engine/redis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startProxy, through, type FaultyProxy } from './proxy.ts'
import { startRedis } from './redis.ts'
import { useServer } from './use-server.ts'

const server = useServer(startRedis)
let proxy: FaultyProxy

beforeAll(async () => {
  proxy = await startProxy(server.port)
})
afterAll(() => proxy?.close())

it(
  'gives a half-open connection up, keeps the host’s event loop free, and hears others again',
  { timeout: 60_000 },
  async () => {
    const store = redis(through(server.url, proxy), { commandTimeoutMs: 300, patienceMs: 1_000 })
    const other = redis(server.url)
    await Promise.all([store.open(), other.open()])
    const changed = async (lastSlotAt: number) => {
      const before = store.foreignVersion?.()
      await other.schedules.put({ name: 's', isPaused: false, lastSlotAt, missed: 0 })
      await expect.poll(() => store.foreignVersion?.(), { timeout: 20_000 }).not.toBe(before)
    }
    await changed(1)

    proxy.swallow()
    let turns = 0
    const timer = setInterval(() => (turns += 1), 10)
    const asks = Array.from({ length: 20 }, () => store.views.queues())
    for (const ask of await Promise.allSettled(asks)) expect(ask).toMatchObject({ reason: { code: 'store_failed' } })
    clearInterval(timer)
    expect(turns).toBeGreaterThan(20)

    proxy.heal()
    await expect
      .poll(() => store.schedules.get('s').catch(() => null), { timeout: 20_000 })
      .toMatchObject({ lastSlotAt: 1 })
    await changed(2)
    await Promise.all([store.close(), other.close()])
  },
)
