import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { insertTask, sqlite, type Store } from '@taskloom/engine/store'
import { buildRecord } from '@taskloom/testkit'
import Database from 'better-sqlite3'
import { afterAll, afterEach, describe, expect, it } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-locks-'))
const opened: Store[] = []
let files = 0
const nextFile = () => join(folder, `${(files += 1)}.db`)

afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function open(path: string): Promise<Store> {
  const store = sqlite(path)
  opened.push(store)
  await store.open()
  return store
}

describe('locks in a file', () => {
  it('gives a lock that two connections ask for to one of them', async () => {
    const path = nextFile()
    const stores = [await open(path), await open(path)]
    const asked = Array.from({ length: 20 }, (_, index) =>
      insertTask((stores[index % 2] as Store).tasks, buildRecord({ locks: ['Book:1'] })),
    )
    const answers = await Promise.allSettled(asked)
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const [first, second] = await Promise.all(stores.map((store) => store.locks.list(9)))
    expect(first).toHaveLength(1)
    expect(second).toEqual(first)
  })

  it('heeds no lock whose task is not there', async () => {
    const path = nextFile()
    const store = await open(path)
    const db = new Database(path)
    db.prepare('INSERT INTO locks VALUES (?, ?, ?, ?)').run('Book:1', 'gone', 'gone', 1)
    db.close()
    expect(await store.locks.list(9)).toEqual([])
    await insertTask(store.tasks, buildRecord({ locks: ['Book:1'] }))
    expect(await store.locks.list(9)).toHaveLength(1)
  })
})
