import { afterEach, beforeEach, describe } from 'vitest'
import { describeControls } from './queue-suite/controls.ts'
import { describeLimits } from './queue-suite/limits.ts'
import { describeOrder } from './queue-suite/order.ts'
import { describeRuns } from './queue-suite/runs.ts'
import { describeStopping } from './queue-suite/stopping.ts'
import { Team, type QueueHarness } from './queue-suite/team.ts'
import { describeTogether } from './queue-suite/together.ts'

export type { QueueHarness, QueuePlace } from './queue-suite/team.ts'

/**
 * What it means to be a queue, as tests of vitest: what must hold of tasks that wait in it, whoever distributes them. The
 * suite speaks through managers alone. `harness` gives a new, empty place for each test; the suite opens managers on it
 * and shuts them down. Where its stores are not shared, one manager does what several would.
 */
export function describeQueue(name: string, harness: QueueHarness): void {
  describe(`queue ${name}`, () => {
    let team: Team | undefined
    beforeEach(async () => {
      team = new Team(await harness())
    })
    afterEach(async () => {
      await team?.close()
    })
    const current = (): Team => {
      if (!team) throw new Error('The managers are there only while a test runs')
      return team
    }
    describeRuns(current)
    describeOrder(current)
    describeLimits(current)
    describeControls(current)
    describeTogether(current)
    describeStopping(current)
  })
}
