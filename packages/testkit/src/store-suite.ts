import type { Store } from '@taskloom/engine/store'
import { afterEach, beforeEach, describe } from 'vitest'
import { describeAudit } from './store-suite/audit.ts'
import { describeBatches } from './store-suite/batches.ts'
import { describeErrors } from './store-suite/errors.ts'
import { describeFigures } from './store-suite/figures.ts'
import { describeFleet } from './store-suite/fleet.ts'
import { describeHistory } from './store-suite/history.ts'
import { describeInsights } from './store-suite/insights.ts'
import { describeKeeping } from './store-suite/keeping.ts'
import { describeLineage } from './store-suite/lineage.ts'
import { describeLists } from './store-suite/lists.ts'
import { describeLongLists } from './store-suite/long-lists.ts'
import { describeLocks } from './store-suite/locks.ts'
import { describeMeters } from './store-suite/meters.ts'
import { describeOperations } from './store-suite/operations.ts'
import { describeOutbox } from './store-suite/outbox.ts'
import { describeRetries } from './store-suite/retries.ts'
import { describeSecrets } from './store-suite/secrets.ts'
import { describeSessions } from './store-suite/sessions.ts'
import { describeTaking } from './store-suite/taking.ts'
import { describeTimeWindows } from './store-suite/time-windows.ts'
import { describeTransfer } from './store-suite/transfer.ts'
import { describeUpkeep } from './store-suite/upkeep.ts'

/**
 * What it means to be a store, as tests of vitest. `makeStore` gives a new, empty, unopened store for each test; the
 * suite opens and closes it.
 */
export function describeStore(name: string, makeStore: () => Store | Promise<Store>): void {
  describe(`store ${name}`, () => {
    let store: Store | undefined
    beforeEach(async () => {
      store = await makeStore()
      await store.open()
    })
    afterEach(async () => {
      await store?.close()
    })
    const current = (): Store => {
      if (!store) throw new Error('The store is there only while a test runs')
      return store
    }
    describeKeeping(current)
    describeBatches(current)
    describeTaking(current)
    describeRetries(current)
    describeLocks(current)
    describeOutbox(current)
    describeSessions(current)
    describeOperations(current)
    describeAudit(current)
    describeHistory(current)
    describeLists(current)
    describeLongLists(current)
    describeTimeWindows(current)
    describeFigures(current)
    describeInsights(current)
    describeMeters(current)
    describeUpkeep(current)
    describeFleet(current)
    describeErrors(current)
    describeLineage(current)
    describeSecrets(current)
    describeTransfer(current, makeStore)
  })
}
