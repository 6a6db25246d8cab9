import { closeSync, openSync, readFileSync, statSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { TaskManager } from '@taskloom/engine'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { nextFile, openWatched } from './temporary.ts'

/** A file with `count` ended tasks, closed. */
async function written(count: number): Promise<string> {
  const path = nextFile()
  const tasks = new TaskManager({ store: path })
  tasks.define('work', (text: string) => text.length)
  await tasks.start()
  await Promise.all(Array.from({ length: count }, () => tasks.enqueue('work', ['x'.repeat(500)])))
  await tasks.idle()
  await tasks.shutdown()
  return path
}

async function refusalOf(path: string): Promise<{ code: string; message: string }> {
  const { tasks } = openWatched({ store: path })
  return tasks.start().then(
    () => ({ code: 'started', message: '' }),
    (error: unknown) => error as { code: string; message: string },
  )
}

describe('a file that cannot be used', () => {
  it('is refused with clear words when it is garbage, and left as it is', async () => {
    const path = nextFile()
    const garbage = Buffer.alloc(20_000, 'not a database ')
    writeFileSync(path, garbage)
    const { code, message } = await refusalOf(path)
    expect([code, message]).toEqual([
      'store_failed',
      `Cannot open the store ${path}: it is damaged or no SQLite database; restore a backup or choose another file`,
    ])
    expect(readFileSync(path).equals(garbage)).toBe(true)
  })

  it('is refused when its header is cut off', async () => {
    const path = await written(5)
    truncateSync(path, 60)
    const { code, message } = await refusalOf(path)
    expect([code, message]).toEqual(['store_failed', expect.stringContaining('restore a backup')])
    expect(statSync(path).size).toBe(60)
  })

  it('is refused when its end is cut off', async () => {
    const path = await written(200)
    truncateSync(path, 4_096 * 2)
    const { code, message } = await refusalOf(path)
    expect([code, message]).toEqual(['store_failed', expect.stringContaining('it is damaged')])
  })

  it('is refused when it is somebody else’s database, and left as it is', async () => {
    const path = nextFile()
    const db = new Database(path)
    db.exec("CREATE TABLE tasks (id INTEGER PRIMARY KEY, title TEXT); INSERT INTO tasks (title) VALUES ('theirs')")
    db.close()
    const before = readFileSync(path)
    const { code, message } = await refusalOf(path)
    expect([code, message]).toEqual(['store_failed', expect.stringContaining('not Taskloom’s')])
    expect(readFileSync(path).equals(before)).toBe(true)
  })

  it('is shared with tables of the host that have other names', async () => {
    const path = nextFile()
    const db = new Database(path)
    db.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY)')
    db.close()
    expect((await refusalOf(path)).code).toBe('started')
  })
})

describe('damage met at run time', () => {
  it('refuses what cannot be kept, says why, and takes nothing else down', async () => {
    const path = await written(2_000)
    const { tasks, faults } = openWatched({ store: path })
    tasks.define('work', (text: string) => text.length)
    await tasks.start()
    const damage = openSync(path, 'r+')
    // Everything behind the first pages, which hold the schema and are in the cache.
    const size = statSync(path).size
    writeSync(damage, Buffer.alloc(size - 40 * 4_096, 0xa5), 0, size - 40 * 4_096, 40 * 4_096)
    closeSync(damage)

    const answers = await Promise.allSettled(
      Array.from({ length: 200 }, (_, index) => tasks.enqueue('work', ['x'], { tags: { index } })),
    )
    const refused = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []))
    expect(refused.length).toBeGreaterThan(0)
    for (const reason of refused) {
      expect(reason).toMatchObject({ name: 'TaskError', code: 'store_failed' })
      expect(reason.message).toMatch(/malformed|damaged/)
    }
    expect(faults.filter((fault) => fault.startsWith('a listener'))).toEqual([])
    await tasks.shutdown({ timeoutMs: 0 })
  })
})
