import { expect } from 'vitest'
import { openHouse } from './house.ts'

const enough = 20_000

/**
 * What a dear question costs does not grow with the store: `bench/` shows it with a million tasks, here it is that pages,
 * searches and exports are bounded and that a host goes on meanwhile.
 */
export async function millionTasks(): Promise<void> {
  const house = await openHouse()
  try {
    house.tasks.define('later', () => undefined)
    const requests = Array.from({ length: 10_000 }, () => ({ name: 'later', options: { delay: '1h' } as const }))
    for (let stored = 0; stored < enough; stored += requests.length) await house.tasks.enqueueMany(requests)
    const headers = await house.signIn()
    const largest = await house.ask('?limit=500', { headers })
    expect((JSON.parse(largest.body) as { tasks: unknown[] }).tasks).toHaveLength(500)
    expect((await house.ask('?limit=501', { headers })).status).toBe(400)
    const [origin] = house.origins
    const opened: Response[] = []
    for (let index = 0; index < 8; index += 1) opened.push(await fetch(`${origin}/tasks/export.json`, { headers }))
    const statuses = opened.map(({ status }) => status)
    expect(statuses.slice(0, 5)).toEqual(Array(5).fill(200))
    expect(statuses.slice(5)).toEqual(Array(3).fill(429))
    expect(opened[7]?.headers.get('retry-after')).toMatch(/^\d+$/)
    const metrics = await house.ask('/metrics', { headers })
    expect(metrics.status).toBe(200)
    const [first, ...others] = opened
    for (const response of others) await response.body?.cancel()
    expect(((await first?.json()) as unknown[]).length).toBe(enough)
    await expect.poll(async () => (await house.askOne('/export.csv', { method: 'HEAD', headers })).status).toBe(200)
  } finally {
    await house.close()
  }
}
