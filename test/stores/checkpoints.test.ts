import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { endianness, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { TaskManager } from '@taskloom/engine'
import Database from 'better-sqlite3'
import { expect, it, onTestFinished, vi } from 'vitest'
import { Checkpoints } from '../../packages/engine/dist/stores/sqlite/checkpoints.js'

const isLittleEndian = endianness() === 'LE'
const pageBytes = 4_096
/** The longest the writer lets its log grow before it makes a checkpoint itself, and what one batch may add. */
const maxLogPages = 16_000 + 2_000
/** To this the log is cut after a burst. */
const restingLogBytes = 24 * 2 ** 20
/** From so many on, each of them small, a checkpoint is wanted. */
const commitsBetween = 500

it('carries the log over into the file while the process runs, and keeps it bounded', async () => {
  const file = await newFile()
  const tasks = new TaskManager({ store: file })
  onTestFinished(() => tasks.shutdown({ timeoutMs: 0 }))
  const noop = tasks.define('noop', (text: string) => void text)
  await tasks.start()
  const before = (await stat(file)).size
  for (let round = 0; round < 4; round += 1) {
    await Promise.all(Array.from({ length: 3_000 }, () => noop.enqueue('x'.repeat(1_000))))
  }
  await tasks.idle()
  await vi.waitFor(async () => expect((await stat(file)).size).toBeGreaterThan(before + 100 * pageBytes), {
    timeout: 10_000,
  })
  expect((await stat(`${file}-wal`)).size).toBeLessThan(maxLogPages * pageBytes)
})

it('cuts a log that has grown behind a reader, once that has gone, while questions are asked', async () => {
  const file = await newFile()
  const tasks = new TaskManager({ store: file })
  onTestFinished(() => tasks.shutdown({ timeoutMs: 0 }))
  const noop = tasks.define('noop', (text: string) => void text)
  await tasks.start()
  const reader = openReader(file)
  await Promise.all(Array.from({ length: 6_000 }, () => noop.enqueue('x'.repeat(6_000))))
  expect((await stat(`${file}-wal`)).size).toBeGreaterThan(restingLogBytes)
  reader.close()
  const asked = async (): Promise<number> => {
    for (let count = 0; count < 40; count += 1) await Promise.all([noop.enqueue('x'), tasks.list()])
    return (await stat(`${file}-wal`)).size
  }
  await expect.poll(asked, { timeout: 15_000 }).toBeLessThanOrEqual(restingLogBytes)
})

it('begins the log anew though commits go on, and holds them back no longer than that takes', async () => {
  const { file, commit, holds } = await newLog()
  await until(holds, ['held', 'released'], commit)
  commit()
  expect(await restarts(file)).toBeGreaterThan(0)
})

it('holds no commits back where none came beside the checkpoint', async () => {
  const { file, insert, commit, holds } = await newLog()
  const begunAnew = async (): Promise<number> => {
    commit()
    await expect.poll(() => isCarriedOver(file), { timeout: 15_000 }).toBe(true)
    // The first that comes after it begins the log anew.
    insert()
    return restarts(file)
  }
  await expect.poll(begunAnew, { timeout: 20_000 }).toBeGreaterThan(0)
  expect(holds).toEqual([])
})

it('lets commits go on though a reader stays where it is, and begins the log anew when that has gone', async () => {
  const { file, commit, holds } = await newLog()
  const reader = openReader(file)
  commit()
  await until(holds, ['held', 'released'], commit)
  commit()
  expect(await restarts(file)).toBe(0)
  reader.close()
  await until(holds, ['held', 'released', 'held', 'released'], commit)
  commit()
  expect(await restarts(file)).toBeGreaterThan(0)
})

async function newFile(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'taskloom-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return join(folder, 'tasks.db')
}

/** Sees the file as it is now, and keeps the log from being begun anew, until it is closed. */
function openReader(file: string): Database.Database {
  const reader = new Database(file, { readonly: true })
  onTestFinished(() => void reader.close())
  reader.exec('BEGIN')
  reader.prepare('SELECT count(*) FROM sqlite_schema').get()
  return reader
}

/** A file with a log, of which each `commit` says that it has become as long as a checkpoint wants it. */
async function newLog() {
  const file = await newFile()
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.pragma('wal_autocheckpoint = 0')
  db.exec('CREATE TABLE lines (text TEXT)')
  const holds: string[] = []
  const checkpoints = new Checkpoints(
    { path: file, driver: 'better-sqlite3' },
    { hold: () => void holds.push('held'), release: () => void holds.push('released') },
  )
  onTestFinished(async () => {
    await checkpoints.close()
    db.close()
  })
  const line = db.prepare('INSERT INTO lines VALUES (?)')
  const insert = (): void => void line.run('x')
  const commit = (): void => {
    insert()
    for (let told = 0; told < commitsBetween; told += 1) checkpoints.committed()
  }
  return { file, insert, commit, holds }
}

/** Commits in every turn of the event loop in which that is not held back, until all that is expected has happened. */
async function until(holds: readonly string[], expected: readonly string[], commit: () => void): Promise<void> {
  while (holds.length < expected.length) {
    if (holds.at(-1) !== 'held') commit()
    await turn()
  }
  expect(holds).toEqual(expected)
}

/** How often the log has begun anew: its header counts it. */
async function restarts(file: string): Promise<number> {
  return (await firstBytes(`${file}-wal`, 16)).readUInt32BE(12)
}

/**
 * Whether all that is in the log is in the file, too: the index of the log says how many pages are in the one and in the other.
 * See the section "The WAL-Index Header" of https://sqlite.org/walformat.html.
 */
async function isCarriedOver(file: string): Promise<boolean> {
  const index = new DataView(Uint8Array.from(await firstBytes(`${file}-shm`, 100)).buffer)
  const [inLog, inFile] = [16, 96].map((offset) => index.getUint32(offset, isLittleEndian))
  return inLog === inFile
}

async function firstBytes(path: string, length: number): Promise<Buffer> {
  const file = await open(path)
  try {
    return (await file.read(Buffer.alloc(length), 0, length, 0)).buffer
  } finally {
    await file.close()
  }
}
