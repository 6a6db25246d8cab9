import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TaskManager } from '@taskloom/engine'
import { insertTask, sqlite, type Store } from '@taskloom/engine/store'
import { anyTask } from '@taskloom/protocol'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { storeAt } from '../../packages/engine/dist/stores/store-at.js'
import { everyAnswer } from '../../packages/testkit/src/store-suite/answers.ts'
import { writeFullHistory } from '../../packages/testkit/src/store-suite/full-history.ts'
import { inBatches, randomHistory } from '../../packages/testkit/src/store-suite/sample.ts'
import { start, taskloom, type Ended } from '../cli/command-line.ts'
import { startMariadb } from './mariadb.ts'
import { startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'
import { useServer } from './use-server.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-moving-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const nextFile = (): string => join(folder, `${(files += 1)}.db`)

const opened: Store[] = []
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})
async function open(place: string): Promise<Store> {
  const store = storeAt(place)
  opened.push(store)
  await store.open()
  return store
}
async function fileWith(write: (store: Store) => Promise<unknown>): Promise<string> {
  const file = nextFile()
  const store = sqlite(file)
  await store.open()
  await write(store)
  await store.close()
  return file
}

const migrate = (from: string, to: string, ...more: readonly string[]): Promise<Ended> =>
  taskloom(['migrate', '--from', from, '--to', to, '--json', ...more])

const servers = [
  { name: 'PostgreSQL', starts: startPostgres },
  { name: 'MariaDB', starts: startMariadb },
  { name: 'Redis', starts: startRedis },
]

describe.each(servers)('a history moved from SQLite to $name', { timeout: 120_000 }, ({ starts }) => {
  const server = useServer(starts)
  /** How many tasks a transfer into a store has noted as copied. */
  const copiedInto = async (store: Store): Promise<number> => {
    const state = JSON.parse((await store.transfer?.mark()) ?? '{}') as { kinds?: { tasks: { copied: number } } }
    return state.kinds?.tasks.copied ?? 0
  }

  it('is the same there: for the store, for the dashboard, and on the way back', async () => {
    const from = await fileWith(writeFullHistory)
    const to = await server.database()
    const moved = await migrate(from, to, '--yes')
    expect([moved.code, moved.err]).toEqual([0, ''])
    expect(JSON.parse(moved.out)).toMatchObject({ equal: true, resumed: false })
    const [source, target] = [await open(from), await open(to)]
    expect(await everyAnswer(target)).toEqual(await everyAnswer(source))
    for (const question of questions) {
      const answers = [from, to].map((store) => taskloom([...question, '--json', '--store', store]))
      const [before, after] = await Promise.all(answers)
      expect([after?.code, after?.err]).toEqual([before?.code, ''])
      expect(JSON.parse(after?.out ?? '')).toEqual(JSON.parse(before?.out ?? ''))
    }
    const back = nextFile()
    expect((await migrate(to, back, '--yes')).code).toBe(0)
    expect((await migrate(from, back, '--verify-only')).code).toBe(0)
    expect(await everyAnswer(await open(back))).toEqual(await everyAnswer(source))
  })

  it('goes on where its move was killed; no manager runs on half of it', async () => {
    const from = await fileWith((store) => inBatches(randomHistory(6_000, 7), (task) => insertTask(store.tasks, task)))
    const to = await server.database()
    const target = await open(to)
    const { child, ended } = start(['migrate', '--from', from, '--to', to, '--yes'])
    await expect.poll(() => copiedInto(target), { interval: 5, timeout: 60_000 }).toBeGreaterThan(0)
    child.kill('SIGKILL')
    expect((await ended).code).toBeNull()
    const copied = await copiedInto(target)
    expect(copied).toBeLessThan(6_000)
    const manager = new TaskManager({ store: to })
    await expect(manager.open()).rejects.toMatchObject({ code: 'move_unfinished' })
    await manager.shutdown()

    const resumed = await migrate(from, to, '--yes')
    expect([resumed.code, resumed.err]).toEqual([0, ''])
    expect(JSON.parse(resumed.out)).toMatchObject({ resumed: true, equal: true })
    const source = await open(from)
    expect(await target.views.types(anyTask)).toEqual(await source.views.types(anyTask))
    const later = new TaskManager({ store: to })
    await later.open()
    await later.shutdown()
  })

  it('is compared from the rows of both: a task that is gone is found', async () => {
    const from = await fileWith(writeFullHistory)
    const to = await server.database()
    expect((await migrate(from, to, '--yes')).code).toBe(0)
    const target = await open(to)
    const ended = { ...anyTask, statuses: ['cancelled' as const] }
    const { taskIds } = await target.views.ids({ filter: ended, after: null, until: '~', limit: 1 })
    await target.tasks.delete(taskIds[0] ?? '')
    const { code, out, err } = await migrate(from, to, '--verify-only')
    expect(code).toBe(1)
    expect(err).toContain('The two differ in tasks, deleted counts')
    const { kinds } = JSON.parse(out) as { kinds: readonly { kind: string; equal: boolean }[] }
    expect(kinds.filter(({ equal }) => !equal).map(({ kind }) => kind)).toEqual(['tasks', 'deleted_counts'])
  })
})

/** What a dashboard asks, by its own protocol. */
const questions = [
  ['tasks', '--sort', 'task_id'],
  ['tasks', '--status', 'failed', '--q', 'declined'],
  ['dead-letter', 'list'],
  ['audit', 'list'],
  ['audit', 'verify'],
]
