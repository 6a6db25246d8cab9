import type { Write, Written } from '../store.ts'
import { decide, type Decision, type Known } from '../unit/index.ts'
import { readAuditHead } from './audit.ts'
import type { Connection } from './connection.ts'
import { saveFailures } from './failures.ts'
import { KeyChanges } from './key-changes.ts'
import type { KnownTask, TaskCache } from './known-tasks.ts'
import type { Proposal } from './lane.ts'
import { load } from './load.ts'
import { saveAudit, saveUnit } from './save.ts'

/** What became of a batch, and what the tasks are after it. */
export interface UnitAnswer {
  readonly answers: readonly Written[]
  readonly tasks: readonly KnownTask[]
}

/** Reads, decides and says what to commit. `isAgain` when what was read the time before was not so any more. */
export async function proposeUnit(
  connection: Connection,
  cache: TaskCache,
  batch: readonly Write[],
  isAgain: boolean,
  decideOn: (known: Known) => Decision = (known) => decide(batch, known),
): Promise<Proposal<UnitAnswer>> {
  const loaded = await load(connection, batch, isAgain ? 'clash' : 'none', cache)
  const { answers, changes: unit } = decideOn(loaded.known)
  const changes = new KeyChanges()
  const tasks = saveUnit(changes, unit, loaded)
  await saveFailures(changes, unit.failures, connection)
  if (unit.audits.length > 0) {
    const { head, text } = await readAuditHead(connection)
    saveAudit(changes, unit.audits, head, text)
  }
  return { changes, answer: { answers, tasks } }
}
