import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { TaskManager } from '@taskloom/engine'
import { insertTask, sqlite, type Store } from '@taskloom/engine/store'
import { anyTask } from '@taskloom/protocol'
import { buildRecord } from '@taskloom/testkit'
import Database from 'better-sqlite3'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { everyAnswer } from '../../packages/testkit/src/store-suite/answers.ts'
import { writeFullHistory } from '../../packages/testkit/src/store-suite/full-history.ts'
import { inBatches, randomHistory } from '../../packages/testkit/src/store-suite/sample.ts'
import { start, taskloom, type Ended } from './command-line.ts'

const dayMs = 86_400_000
const historyFrom = Date.UTC(2026, 0, 5)
const folder = mkdtempSync(join(tmpdir(), 'taskloom-migrate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const nextFile = (): string => join(folder, `${(files += 1)}.db`)

const opened: Store[] = []
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})
const open = async (file: string): Promise<Store> => {
  const store = sqlite(file)
  opened.push(store)
  await store.open()
  return store
}
/** A file with some history, closed. */
async function fileWith(write: (store: Store) => Promise<unknown>): Promise<string> {
  const file = nextFile()
  const store = sqlite(file)
  await store.open()
  await write(store)
  await store.close()
  return file
}
const someTasks = (count: number): Promise<string> =>
  fileWith((store) => inBatches(randomHistory(count, 7), (record) => insertTask(store.tasks, record)))

interface Answer {
  readonly equal?: boolean
  readonly resumed?: boolean
  readonly rows?: Readonly<Record<string, number>>
  readonly kinds?: readonly { kind: string; equal: boolean; source: { count: number }; target: { count: number } }[]
  readonly problem?: { readonly code: string }
}
const migrate = (from: string, to: string, ...more: readonly string[]): Promise<Ended> =>
  taskloom(['migrate', '--from', from, '--to', to, ...more])
const answerOf = ({ out }: Ended): Answer => JSON.parse(out) as Answer

describe('taskloom migrate', { timeout: 60_000 }, () => {
  it('moves everything, so that both answer the same, and tells of each kind', async () => {
    const from = await fileWith(writeFullHistory)
    const to = nextFile()
    const ended = await migrate(from, to, '--yes')
    expect(ended.err).toBe('')
    expect(ended.code).toBe(0)
    expect(ended.out).toMatch(/^KIND +SOURCE +TARGET +CHECKSUM$/m)
    expect(ended.out).toMatch(/^audit_head +1 +1 +[0-9a-f]{16}$/m)
    expect(ended.out).toContain(`Moved 11 tasks from ${from} to ${to}\n`)
    expect(await everyAnswer(await open(to))).toEqual(await everyAnswer(await open(from)))

    const verified = await migrate(from, to, '--verify-only', '--json')
    expect(verified.code).toBe(0)
    expect(answerOf(verified)).toMatchObject({ verify_only: true, equal: true })
    const again = await migrate(from, to, '--yes', '--json')
    expect([again.code, answerOf(again).problem?.code]).toEqual([1, 'store_not_empty'])
    expect(again.err).toContain('--verify-only compares the two')
  })

  it('says what it would do, and makes no file', async () => {
    const from = await someTasks(12)
    const to = nextFile()
    const { code, out } = await migrate(from, to, '--dry-run')
    expect([code, existsSync(to)]).toEqual([0, false])
    expect(out).toMatch(/^tasks +12$/m)
    expect(answerOf(await migrate(from, to, '--dry-run', '--json'))).toMatchObject({
      ...{ dry_run: true, resumed: false, rows: { tasks: 12, logs: 0 } },
    })
    expect((await migrate(from, to)).err).toContain('say --yes')
    expect((await migrate(nextFile(), to, '--yes')).code).toBe(5)
    expect((await migrate(from, nextFile(), '--verify-only')).code).toBe(5)
    expect((await migrate(from, 'gopher://x/y', '--yes')).code).toBe(2)
    expect((await taskloom(['migrate', '--from', from])).code).toBe(2)
    const named = await taskloom(['migrate', '--dry-run'], { TASKLOOM_FROM: from, TASKLOOM_TO: to })
    expect(named.code).toBe(0)
  })

  it('goes on where it was killed; until then no manager runs on half of it', async () => {
    const from = await someTasks(20_000)
    const to = nextFile()
    const { child, ended } = start(['migrate', '--from', from, '--to', to, '--yes'])
    await expect.poll(() => copiedInto(to), { interval: 5, timeout: 30_000 }).toBeGreaterThan(0)
    child.kill('SIGKILL')
    expect((await ended).code).toBeNull()
    const copied = copiedInto(to)
    expect(copied).toBeLessThan(20_000)

    const tasks = new TaskManager({ store: to })
    await expect(tasks.open()).rejects.toMatchObject({ code: 'move_unfinished' })
    await tasks.shutdown()
    const other = await migrate(await someTasks(1), to, '--yes', '--json')
    expect([other.code, answerOf(other).problem?.code]).toEqual([1, 'store_not_empty'])
    expect(copiedInto(to)).toBe(copied)

    const resumed = await migrate(from, to, '--yes', '--json')
    expect(resumed.code).toBe(0)
    expect(answerOf(resumed)).toMatchObject({ resumed: true, equal: true })
    const manager = new TaskManager({ store: to })
    await manager.open()
    await manager.shutdown()
    const [source, target] = [await open(from), await open(to)]
    const whole = { filter: anyTask, since: historyFrom, until: historyFrom + 40 * dayMs, bucketMs: dayMs / 2 }
    const charts = [
      { ...whole, group: 'status' as const },
      { ...whole, group: 'func_name' as const },
    ]
    expect(await target.views.types(anyTask)).toEqual(await source.views.types(anyTask))
    for (const chart of charts) expect(await target.views.timeline(chart)).toEqual(await source.views.timeline(chart))
    expect(await target.upkeep.recount({ after: null, mend: false })).toMatchObject({ differing: 0 })
  })

  it('finds what somebody has changed in the target', async () => {
    const from = await fileWith(writeFullHistory)
    const to = nextFile()
    expect((await migrate(from, to, '--yes')).code).toBe(0)
    const db = new Database(to)
    db.prepare('UPDATE logs SET message = ? WHERE line = 2').run('nothing happened')
    db.prepare('DELETE FROM outbox').run()
    db.close()
    const { code, out, err } = await migrate(from, to, '--verify-only')
    expect(code).toBe(1)
    expect(err).toContain('The two differ in logs, outbox')
    expect(out).toMatch(/^logs +3 +3 +[0-9a-f]{16} ≠ [0-9a-f]{16}$/m)
    const { kinds, equal } = answerOf(await migrate(from, to, '--verify-only', '--json'))
    expect(equal).toBe(false)
    expect(kinds?.filter((one) => !one.equal).map(({ kind }) => kind)).toEqual(['logs', 'outbox'])
    expect(kinds?.find(({ kind }) => kind === 'outbox')).toMatchObject({ target: { count: 0 } })
  })

  it('is refused while a worker lives, and not by the trace of a dead one', async () => {
    const from = await someTasks(3)
    const store = await open(from)
    const beat = (pid: number) => ({
      ...{ workerId: 'w', hostname: hostname(), pid, startedAt: 1, heartbeatAt: 1, leaseUntil: Date.now() + 60_000 },
    })
    await store.workers.beat(beat(process.pid))
    const refused = await migrate(from, nextFile(), '--yes', '--json')
    expect([refused.code, answerOf(refused).problem?.code]).toEqual([1, 'store_in_use'])
    expect(refused.err).toContain(`process ${process.pid}`)
    const gone = spawn(process.execPath, ['--version'])
    await new Promise((resolve) => gone.once('close', resolve))
    await store.workers.beat(beat(gone.pid ?? 0))
    expect((await migrate(from, nextFile(), '--yes')).code).toBe(0)
  })

  it('carries a log that somebody has tampered with as it is: it is still found out', async () => {
    const from = await fileWith(writeFullHistory)
    const db = new Database(from)
    db.exec('DROP TRIGGER audit_no_delete')
    db.prepare('DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)').run()
    db.close()
    const to = nextFile()
    expect((await migrate(from, to, '--yes')).code).toBe(0)
    expect(await (await open(to)).audit.verify({ from: 1, limit: 100 })).toMatchObject({ broken: { why: 'tail_cut' } })
    await insertTask((await open(to)).tasks, buildRecord())
  })
})

/** How many tasks a transfer into a file has noted as copied. */
function copiedInto(file: string): number {
  if (!existsSync(file)) return 0
  const db = new Database(file, { readonly: true })
  try {
    const text = db.prepare<[], string>("SELECT value FROM notes WHERE name = 'transfer'").pluck().get()
    const state = JSON.parse(text ?? '{}') as { kinds?: { tasks: { copied: number } } }
    return state.kinds?.tasks.copied ?? 0
  } catch {
    // Its tables are not there yet, or are being made.
    return 0
  } finally {
    db.close()
  }
}
