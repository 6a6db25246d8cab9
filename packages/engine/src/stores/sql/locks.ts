import type { HeldLock, LockStore } from '../store.ts'
import type { Row } from './database.ts'
import { asked, type Writer } from './writer.ts'

/** The statement for locks of tasks that wait or run, by key, age and task: one that was left behind holds nobody up. */
export function heldList(condition: string): string {
  return `SELECT lock_key, task_id, func_name, status, user_label, since, owner
    FROM @locks JOIN @tasks ON id = task_id
    WHERE ${condition} AND status IN ('pending', 'running') ORDER BY lock_key, since, task_id`
}

export function heldFromRow(row: Row): HeldLock {
  return {
    key: row[0] as string,
    taskId: row[1] as string,
    funcName: row[2] as string,
    status: row[3] as HeldLock['status'],
    user: row[4] as string | null,
    since: row[5] as number,
    owner: row[6] as string,
  }
}

export function sqlLocks({ database }: Writer): LockStore {
  return {
    async list(limit: number): Promise<readonly HeldLock[]> {
      const sql = `${heldList("lock_key <> ''")} LIMIT ?`
      return (await asked(database.session.rows(sql, [limit]))).map(heldFromRow)
    },
  }
}
