import type { Database } from './driver/port.ts'
import type { SecretStore } from '../secrets.ts'
import type { GroupCommit } from './group-commit.ts'

export function sqliteSecrets(db: Database, commit: GroupCommit): SecretStore {
  const find = db.prepare<unknown[], string>('SELECT secret FROM secrets WHERE name = ?').pluck()
  const insert = db.prepare('INSERT OR IGNORE INTO secrets VALUES (?, ?)')
  return {
    async keep(name: string, fresh: string): Promise<string> {
      const known = find.get(name)
      if (known !== undefined) return known
      return commit.run(() => {
        insert.run(name, fresh)
        return find.get(name) ?? fresh
      })
    },
  }
}
