import { expect, it } from 'vitest'
import { FanOut } from '../../bench/fan-out.ts'

// The whole measure, a thousand clients for a minute and ten thousand that come and go, is made by `npm run bench`.
const load = { readers: 160, stalled: 40, tasks: 20, changesPerSecond: 1_000, seconds: 3 }

it('a thousand changes a second reach all who read in time, whoever does not; and whoever goes leaves nothing', async () => {
  const fanOut = new FanOut()
  try {
    await fanOut.open(load)
    const figures = await fanOut.measureLive(load)
    expect(figures.framesPerSecond).toBeGreaterThan(load.readers)
    expect(figures.lagP95Ms).toBeLessThan(1_000)
    expect(figures.routeP95Ms).toBeLessThan(1_000)
    expect(figures.rssGrowthMb).toBeLessThan(150)
    const [ofSource, ofServer] = await fanOut.held()
    await fanOut.cycle(1_000)
    // The connection that asked the host's own route may be kept.
    const connections = expect.toSatisfy((count: number) => count <= 1) as number
    await expect.poll(() => fanOut.held(), { timeout: 5_000 }).toEqual([ofSource, ofServer, connections])
    expect([ofSource, ofServer]).toEqual([1, 4])
  } finally {
    await fanOut.close()
  }
}, 60_000)
