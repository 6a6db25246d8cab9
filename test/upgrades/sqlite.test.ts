import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { TaskManager } from '@taskloom/engine'
import { sqlite, type Store } from '@taskloom/engine/store'
import { anyTask, taskStatuses } from '@taskloom/protocol'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { schemaVersion } from '../../packages/engine/src/stores/sqlite/migrations.ts'
import { everyAnswer } from '../../packages/testkit/src/store-suite/answers.ts'
import { contentsOf, shapeOf, writeOld, writeToday } from './old-file.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-upgrades-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const nextFile = (): string => join(folder, `${(files += 1)}.db`)
const today = nextFile()
const earlier = Array.from({ length: schemaVersion - 1 }, (_, index) => index + 1)

/** Since which version a file has what an answer tells; what is not named here is in all of them. */
const knownSince: Readonly<Record<string, number>> = {
  locks: 2,
  outbox: 4,
  meters: 5,
  audit: 8,
  chain: 8,
  paused: 9,
  queues: 9,
  about: 8,
  operations: 11,
  errors: 12,
  secret: 13,
}

const opened: Store[] = []
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})
async function open(path: string): Promise<Store> {
  const store = sqlite(path)
  opened.push(store)
  await store.open()
  return store
}
async function answersOf(path: string): Promise<Record<string, unknown>> {
  return (await everyAnswer(await open(path))) as Record<string, unknown>
}
function old(version: number): string {
  const path = nextFile()
  writeOld(path, version, today)
  return path
}

describe('a SQLite file of an earlier version', () => {
  beforeAll(() => writeToday(today))

  it('is made with tasks in each status', () => {
    const db = new Database(today, { readonly: true })
    const found = db.prepare('SELECT DISTINCT status FROM tasks ORDER BY status').pluck().all()
    db.close()
    expect(found).toEqual([...taskStatuses].sort())
  })

  it.each(earlier)('%i is brought up to date by being opened, and tells the same', async (version) => {
    const path = old(version)
    const upgraded = await answersOf(path)
    const expected = await answersOf(today)
    for (const [name, answer] of Object.entries(expected)) {
      if (version >= (knownSince[name] ?? 1)) expect({ [name]: upgraded[name] }).toEqual({ [name]: answer })
    }
    expect(shapeOf(path)).toEqual(shapeOf(today))
  })

  it.each(earlier)('%i goes on with its tasks', async (version) => {
    const tasks = new TaskManager({ store: old(version) })
    const ran: string[] = []
    tasks.define('work', () => void ran.push('work'))
    await tasks.start()
    await tasks.idle()
    expect(ran.length).toBeGreaterThan(0)
    const { tasks: left } = await tasks.list({ filter: { ...anyTask, statuses: ['running'] } })
    expect(left).toEqual([])
    await tasks.shutdown()
  })

  it.each(earlier)('%i stays as it was when its last step fails', async (version) => {
    const path = old(version)
    // A name that the last migration wants for its own.
    const host = new Database(path)
    host.exec('ALTER TABLE rollups ADD COLUMN latest TEXT')
    host.close()
    const before = contentsOf(path)
    await expect(open(path)).rejects.toMatchObject({ code: 'store_failed' })
    expect(contentsOf(path)).toEqual(before)
    const again = new Database(path)
    again.exec('ALTER TABLE rollups DROP COLUMN latest')
    again.close()
    const store = await open(path)
    expect((await store.views.metrics(anyTask)).total).toBeGreaterThan(0)
  })

  it('stays as it was when the process is killed in the middle', async () => {
    const path = old(4)
    const before = contentsOf(path)
    const script = fileURLToPath(new URL('killed-upgrade.mjs', import.meta.url))
    const child = spawn(process.execPath, [script, path, '6'], { stdio: 'inherit' })
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' })
    expect(contentsOf(path)).toEqual(before)
    expect((await answersOf(path))['records']).toEqual((await answersOf(today))['records'])
  })
})

describe('a SQLite file of a newer version', () => {
  it('is refused with a reason, and left as it is', async () => {
    const path = old(schemaVersion)
    const db = new Database(path)
    db.exec(`UPDATE schema_version SET version = ${schemaVersion + 1}; ALTER TABLE tasks ADD COLUMN mood TEXT`)
    db.close()
    const before = contentsOf(path)
    await expect(open(path)).rejects.toMatchObject({
      code: 'store_failed',
      details: { reason: 'newer_schema' },
      message: expect.stringContaining(`schema ${schemaVersion + 1}, this one knows ${schemaVersion}`) as string,
    })
    expect(contentsOf(path)).toEqual(before)
  })
})
