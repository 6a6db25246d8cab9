import type { SecretStore } from '../secrets.ts'
import type { Session } from './database.ts'
import { asked, type Writer } from './writer.ts'

export function sqlSecrets(writer: Writer): SecretStore {
  return {
    async keep(name: string, fresh: string): Promise<string> {
      const known = await asked(find(writer.database.session, name))
      if (known !== undefined) return known
      return writer.run(async (session) => {
        await session.insert('secrets', ['name', 'secret'], [[name, fresh]], 'keep')
        // Another process may have been faster.
        return (await find(session, name)) ?? fresh
      })
    },
  }
}

async function find(session: Session, name: string): Promise<string | undefined> {
  const [row] = await session.rows('SELECT secret FROM @secrets WHERE name = ?', [name])
  return row && String(row[0])
}
