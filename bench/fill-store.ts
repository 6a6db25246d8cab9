import Database from 'better-sqlite3'
import type { Creation } from '../packages/engine/src/core/record.ts'
import type { GroupCommit } from '../packages/engine/src/stores/sqlite/group-commit.ts'
import { SqliteLocks } from '../packages/engine/src/stores/sqlite/locks.ts'
import { migrate } from '../packages/engine/src/stores/sqlite/migrations.ts'
import { Rollups } from '../packages/engine/src/stores/sqlite/rollups.ts'
import { SqliteTasks } from '../packages/engine/src/stores/sqlite/tasks.ts'

const batchSize = 20_000
/** The transactions are ours. */
const unused = {} as GroupCommit

/** Writes a new SQLite store of `count` tasks by the store's own row and roll-up code, in big transactions. */
export function fillStore(path: string, count: number, make: (index: number) => Creation): void {
  const db = new Database(path)
  db.pragma('journal_mode = OFF')
  db.pragma('synchronous = OFF')
  db.pragma('cache_size = -524288')
  migrate(db)
  const rollups = new Rollups(db)
  const tasks = new SqliteTasks(db, unused, rollups, new SqliteLocks(db))
  for (let start = 0; start < count; start += batchSize) {
    db.exec('BEGIN IMMEDIATE')
    for (let index = start; index < Math.min(count, start + batchSize); index += 1) tasks.writeNow(make(index))
    rollups.flush()
    db.exec('COMMIT')
  }
  db.pragma('journal_mode = WAL')
  db.close()
}
