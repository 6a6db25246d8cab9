import { TaskManager, type Clock } from '@taskloom/engine'
import { createFakeClock } from '@taskloom/testkit'
import { expect, it } from 'vitest'

/**
 * Its time goes on by a millisecond at its `nth` look, and otherwise only when it is told to. Its timers are a millisecond early,
 * as those of Node may be.
 */
function steppedClock(nth: number) {
  const fake = createFakeClock()
  let looks = 0
  const clock: Clock = {
    now: () => {
      looks += 1
      return fake.now() + (looks >= nth ? 1 : 0)
    },
    after: (delayMs, callback) => fake.after(Math.max(1, delayMs - 1), callback),
  }
  return { clock, advance: fake.advance, looks: () => looks }
}

/** How many of three tasks have ended that may start one every two milliseconds; and how often the clock was looked at. */
async function run(nth: number): Promise<{ readonly ended: number; readonly looks: number }> {
  const { clock, advance, looks } = steppedClock(nth)
  const tasks = new TaskManager({ clock, openTelemetry: false })
  let ended = 0
  tasks.define('note', { rateLimit: { max: 1, per: '2ms' } }, () => void (ended += 1))
  await tasks.start()
  await tasks.enqueueMany(Array.from({ length: 3 }, () => ({ name: 'note', args: [] })))
  for (let step = 0; step < 20; step += 1) await advance(1)
  const seen = { ended, looks: looks() }
  const over = tasks.shutdown({ timeoutMs: 0 })
  await advance(10_000)
  await over
  return seen
}

it('starts what a rate holds up, also where it opens just while it is looked at', { timeout: 60_000 }, async () => {
  const { looks } = await run(Number.POSITIVE_INFINITY)
  const ends = await Promise.all(Array.from({ length: looks }, (_, nth) => run(nth)))
  expect(ends.filter(({ ended }) => ended < 3)).toEqual([])
})
