import type { Database } from './driver/port.ts'
import type { UpkeepStore } from '../store.ts'
import type { GroupCommit } from './group-commit.ts'
import { Recount } from './recount.ts'
import type { Rollups } from './rollups.ts'
import { Strays } from './strays.ts'

/** Looks after one file; its statements are made when they are first needed. */
export function sqliteUpkeep(db: Database, commit: GroupCommit, rollups: Rollups): UpkeepStore {
  let strays: Strays | null = null
  let recount: Recount | null = null
  return {
    strays: (question) => (strays ??= new Strays(db, commit)).find(question),
    recount: (question) => (recount ??= new Recount(db, commit, rollups)).next(question),
  }
}
