import { sqlite } from '@taskloom/engine'
import type { Store, TaskViews } from '@taskloom/engine/store'
import Database from 'better-sqlite3'
import { createReader } from '../../packages/engine/src/stores/sqlite/reader.ts'
import { guardParts } from './faulty-store.ts'
import { nextFile } from './temporary.ts'

/** The same file for each life; views are read at once instead of by a thread, whose answers would need real time. */
export function fileStore(): () => Store {
  const file = nextFile()
  return () => {
    const store = sqlite(file)
    let db: Database.Database | null = null
    let reader: TaskViews | null = null
    const views = new Proxy({} as TaskViews, {
      get(_, key) {
        db ??= new Database(file, { readonly: true })
        reader ??= createReader(db)
        const read = reader[key as keyof TaskViews] as (...input: unknown[]) => unknown
        return async (...input: unknown[]) => read(...input)
      },
    })
    const close = async (): Promise<void> => {
      db?.close()
      await store.close()
    }
    return guardParts(store, (_, part) => part(), { views, close })
  }
}
