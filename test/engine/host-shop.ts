import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TaskManager, TaskManagerOptions } from '@taskloom/engine'
import Database from 'better-sqlite3'
import { afterAll, afterEach, expect } from 'vitest'
import { openManager } from './open-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-host-'))
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
let files = 0
/** A path that no other test uses; gone after the tests of the file. */
export const nextFile = (): string => join(folder, `${(files += 1)}.db`)

const connections: Database.Database[] = []
afterEach(() => {
  for (const db of connections.splice(0)) db.close()
})

/** A connection of the host that is closed after the test. */
export function connect(file: string, options: Database.Options = {}): Database.Database {
  const db = new Database(file, options)
  connections.push(db)
  return db
}

/** A shop that keeps its orders beside its tasks, and everything that was told of them. */
export async function openShop(options: TaskManagerOptions = {}, file = nextFile()) {
  const tasks = openManager({ store: file, ...options })
  const sent: unknown[] = []
  const told: string[] = []
  const faults: unknown[] = []
  tasks.on('create', ({ taskId }) => told.push(taskId))
  tasks.on('error', ({ error }) => faults.push(error))
  const sendMail = tasks.define('send_mail', (order: number) => void sent.push(order))
  await tasks.start()
  const db = connect(file)
  db.exec('CREATE TABLE IF NOT EXISTS orders (id INTEGER PRIMARY KEY)')
  const insertOrder = db.prepare('INSERT INTO orders VALUES (?)')
  const order = (id: number) => insertOrder.run(id)
  const orders = () => db.prepare('SELECT id FROM orders').pluck().all()
  return { file, tasks, sent, told, faults, sendMail, db, order, orders }
}

/** The next turn of the event loop. */
export const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** Every kept figure is what the tasks come to, and nothing lies about. */
export async function expectExact(tasks: TaskManager): Promise<void> {
  expect(await tasks.reconcile({ dryRun: true })).toMatchObject({ differing: 0 })
  const { tags, locks, attempts, logs } = await tasks.cleanup({ dryRun: true })
  expect([tags, locks, attempts, logs].map(({ found }) => found)).toEqual([0, 0, 0, 0])
}
