import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import fc from 'fast-check'
import { TaskManager } from '@taskloom/engine'
import { afterEach, expect, it } from 'vitest'
import { createHandler, type HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { askOf, oddRequest, rightRequest } from '../server/odd-requests.ts'
import { ask } from '../server/request.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true })
})

const roles = ['nobody', 'viewer', 'operator', 'admin'] as const
type RoleName = (typeof roles)[number]
/** Whoever has one of these may change nothing at all. */
const harmless: readonly RoleName[] = ['nobody', 'viewer']

const auth: HandlerOptions['auth'] = (request: Request) => {
  const role = request.headers.get('x-role')
  return role === null || role === 'nobody' ? null : { name: role, role: role as Exclude<RoleName, 'nobody'> }
}

/** What was begun in the background is done before the next one asks. */
async function ended(tasks: TaskManager, answer: string): Promise<void> {
  const [, operationId] = /"operation_id":"([^"]+)"/.exec(answer) ?? []
  if (operationId === undefined) return
  const isOver = async () => (await tasks.source.operations.get(operationId)).endedAt !== null
  await expect.poll(isOver, { interval: 2, timeout: 10_000 }).toBe(true)
}

interface Still {
  readonly tasks: TaskManager
  readonly seed: () => Promise<readonly string[]>
  readonly state: ReturnType<typeof watchFile>
}

/** Tasks in every state that outlasts a process, and nothing that runs by itself: what changes, a request has changed. */
async function openStill(): Promise<Still> {
  const folder = await mkdtemp(join(tmpdir(), 'taskloom-fuzz-'))
  folders.push(folder)
  const file = join(folder, 'tasks.db')
  const tasks = new TaskManager({ store: file })
  const waits = tasks.define('work', () => undefined)
  tasks.schedule('tidy', { every: '1h' }, () => undefined)
  await tasks.open()
  const seed = async () => {
    const made = await Promise.all(Array.from({ length: 4 }, () => tasks.enqueue(waits, [], { tags: { env: 'prod' } })))
    const ids = made.map(({ id }) => id)
    for (const id of ids.slice(0, 2)) await tasks.cancel(id)
    return [...ids, 'work', 'tidy', 'default']
  }
  return { tasks, seed, state: watchFile(file) }
}

it(
  '20,000 requests of anybody: no server error, and nothing changed by who may not',
  { timeout: 300_000 },
  async () => {
    const { tasks, seed, state } = await openStill()
    const errors: unknown[] = []
    const handler = createHandler(tasks.source, { auth, enqueue: true, onError: (error) => errors.push(error) })
    const counts = new Map<string, number>()
    let ids = await seed()
    let asked = 0
    let changes = 0
    await fc.assert(
      fc.asyncProperty(fc.oneof(oddRequest, rightRequest), fc.constantFrom(...roles), async (odd, role) => {
        asked += 1
        if (asked % 40 === 0) ids = await seed()
        const { target, ask: sent } = askOf(odd, ids)
        const before = state.read()
        const response = await ask(handler, target, { ...sent, headers: { ...sent.headers, 'x-role': role } })
        const what = `${role} ${sent.method ?? 'GET'} ${target} ${response.status}`
        const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
        const text = isStream ? '' : await response.text()
        if (isStream) await response.body?.cancel()
        expect(text.length, what).toBeLessThan(1024 * 1024)
        await ended(tasks, text)
        expect(response.status, what).toBeLessThan(500)
        expect(errors, what).toEqual([])
        const isSame = state.read() === before
        if (!isSame) changes += 1
        if (harmless.includes(role) || response.status >= 400) expect(state.read(), what).toBe(before)
        const key = `${role} ${Math.floor(response.status / 100)}xx`
        counts.set(key, (counts.get(key) ?? 0) + 1)
      }),
      { numRuns: 20_000, seed: 20_261_122 },
    )
    handler.close()
    await tasks.shutdown()
    // One that is only turned away proves nothing.
    for (const key of ['nobody 4xx', 'viewer 2xx', 'operator 2xx', 'admin 2xx'])
      expect(counts.get(key), key).toBeGreaterThan(500)
    expect(changes).toBeGreaterThan(200)
  },
)

/**
 * What is stored, as a connection of its own sees it: how much of everything, how often tasks were written, and what the
 * audit log says was done. What it says of refusals and exports is no change.
 */
function watchFile(file: string): { read: () => string; close: () => void } {
  const db = new Database(file, { readonly: true })
  const names = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").pluck().all() as string[]
  const counted = names.filter((name) => !/^(sqlite_|audit|sessions|workers)/.test(name))
  const counts = counted.map((name) => `(SELECT count(*) FROM ${name})`).join(" || ',' || ")
  const statement = db
    .prepare(
      `SELECT ${counts} || ';' || (SELECT coalesce(sum(version), 0) FROM tasks) || ';' ||
        (SELECT coalesce(sum(is_paused), 0) FROM schedules) || ';' ||
        (SELECT coalesce(max(seq), 0) FROM audit WHERE outcome = 'ok' AND action <> 'export')`,
    )
    .pluck()
  return { read: () => statement.get() as string, close: () => void db.close() }
}
