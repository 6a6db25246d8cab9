import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sqlite, taskContext, type TaskManager } from '@taskloom/engine'
import type { AuditDraft, AuditEntry } from '@taskloom/engine/store'
import Database from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { openManager } from './open-manager.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-audit-'))
afterAll(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
let files = 0
let file: string
beforeEach(() => {
  file = join(folder, `${(files += 1)}.db`)
})

const ann = { actor: 'ann', reason: 'wrong customer', role: 'operator', address: '192.0.2.7' }
const sample: AuditDraft = {
  ...{ at: 1, actor: 'ann', role: null, address: null, action: 'reveal', target: null, outcome: 'ok', reason: null },
  ...{ code: null, affected: [], affectedCount: 0, detail: null },
}

async function entriesOf(tasks: TaskManager): Promise<readonly AuditEntry[]> {
  const page = await tasks.source.audit?.list({ cursor: null, limit: 500 })
  return [...(page?.entries ?? [])].reverse()
}

async function failedTask(tasks: TaskManager): Promise<string> {
  const { id } = await tasks.enqueue('fail')
  await tasks.wait(id)
  return id
}

/** A manager with a function of each kind; one that runs until it is told to stop. */
async function openWorkshop(store: string | undefined = file): Promise<TaskManager> {
  const tasks = openManager(store === undefined ? {} : { store: sqlite(store) })
  tasks.define('ok', () => 1)
  tasks.define('fail', { retries: 0 }, () => Promise.reject(new Error('no')))
  tasks.define('long', () => {
    const { signal } = taskContext() ?? {}
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason as Error)))
  })
  tasks.schedule('nightly', { every: '1d' }, () => 1)
  await tasks.start()
  return tasks
}

describe.each(['memory', 'sqlite'])('the audit log on %s', (kind) => {
  let tasks: TaskManager
  beforeEach(async () => {
    tasks = await openWorkshop(kind === 'sqlite' ? file : undefined)
  })

  it('knows nothing of what the application enqueues and runs', async () => {
    await failedTask(tasks)
    await tasks.wait((await tasks.enqueue('ok')).id)
    expect(await entriesOf(tasks)).toEqual([])
    expect(await tasks.verifyAudit()).toEqual({ entries: 0, hash: '', broken: null })
  })

  it('has an entry of each act, with who, why, where from and on what', async () => {
    const { source } = tasks
    const failed = await failedTask(tasks)
    const minted = await source.retry(failed, ann)
    await tasks.wait(minted.taskId)
    const delayed = [await tasks.enqueue('ok', [], { delay: '1h' }), await tasks.enqueue('ok', [], { delay: '1h' })]
    const [first = '', second = ''] = delayed.map(({ id }) => id)
    await source.cancel(first, ann)
    await source.runNow(second, ann)
    await tasks.wait(second)
    const { id: running } = await tasks.enqueue('long')
    await vi.waitFor(async () => expect((await tasks.get(running))?.status).toBe('running'))
    await source.cancel(running, ann)
    await tasks.wait(running)
    await source.delete(running, ann)
    await source.pauseSchedule('nightly', ann)
    await source.resumeSchedule('nightly', ann)
    const byHand = await source.runSchedule('nightly', ann)

    const told = await entriesOf(tasks)
    for (const entry of told) expect(entry).toMatchObject({ ...ann, outcome: 'ok', code: null })
    expect(told.map(({ action, target, affected }) => [action, target, affected])).toEqual([
      ['retry', failed, [minted.taskId]],
      ['cancel', first, [first]],
      ['run_now', second, [second]],
      ['cancel', running, [running]],
      ['delete', running, [running]],
      ['schedule_pause', 'nightly', []],
      ['schedule_resume', 'nightly', []],
      ['schedule_run', 'nightly', [byHand.taskId]],
    ])
    expect(await tasks.verifyAudit()).toEqual({ entries: 8, hash: told.at(-1)?.hash, broken: null })
  })

  it('says of a second retry that it made nothing', async () => {
    tasks.define('patient', { retries: 0 }, () => Promise.reject(new Error('no')))
    const { source } = tasks
    const { id } = await tasks.enqueue('patient')
    await tasks.wait(id)
    const [one, two] = await Promise.all([source.retry(id, ann), source.retry(id, ann)])
    const told = await entriesOf(tasks)
    expect(told.map(({ action, detail }) => [action, detail])).toEqual([
      ['retry', null],
      ['retry', one.taskId === two.taskId ? { deduplicated: true } : null],
    ])
  })

  it('has the ids of what was done in bulk, beside an entry of each', async () => {
    const failed = await Promise.all(Array.from({ length: 30 }, () => failedTask(tasks)))
    const { id: fine } = await tasks.enqueue('ok')
    await tasks.wait(fine)
    await tasks.source.bulkRetry([...failed, fine], { again: false }, ann)
    const told = await entriesOf(tasks)
    expect(
      told
        .filter(({ action }) => action === 'retry')
        .map(({ target }) => target)
        .sort(),
    ).toEqual(failed.sort())
    expect(told.at(-1)).toMatchObject({
      action: 'bulk_retry',
      affectedCount: 30,
      detail: { dispatched: 30, skipped: 1 },
    })
    expect([...(told.at(-1)?.affected ?? [])].sort()).toEqual(failed)
  })

  it('outlives the history that it tells of, and says what was deleted, slice by slice', async () => {
    const ids = await Promise.all(Array.from({ length: 130 }, () => tasks.enqueue('ok'))).then((all) =>
      all.map(({ id }) => id),
    )
    await Promise.all(ids.map((id) => tasks.wait(id)))
    await tasks.idle()
    const all = { olderThanMs: -60_000, statuses: [] }
    expect(await tasks.source.clearHistory(all, ann)).toBe(130)
    expect(await tasks.source.clearHistory(all, ann)).toBe(0)
    const told = await entriesOf(tasks)
    expect(told.map(({ action, affectedCount }) => [action, affectedCount])).toEqual([
      ['clear_history', 100],
      ['clear_history', 30],
      ['clear_history', 0],
    ])
    expect(told.flatMap(({ affected }) => affected).sort()).toEqual(ids.sort())
    expect(told[0]?.detail).toEqual({ older_than_ms: -60_000, statuses: ['success', 'failed', 'cancelled'] })
  })
})

describe('a log that cannot be written', () => {
  it('refuses what was to be done, and nothing of it is done', async () => {
    const tasks = await openWorkshop()
    const failed = await failedTask(tasks)
    const { id: delayed } = await tasks.enqueue('ok', [], { delay: '1h' })
    const { id: running } = await tasks.enqueue('long')
    await vi.waitFor(async () => expect((await tasks.get(running))?.status).toBe('running'))
    const before = await tasks.list()
    edit("CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT raise(ABORT, 'full'); END")

    const { source } = tasks
    const refused = { code: 'store_failed' }
    await expect(source.retry(failed, ann)).rejects.toMatchObject(refused)
    await expect(source.cancel(delayed, ann)).rejects.toMatchObject(refused)
    await expect(source.cancel(running, ann)).rejects.toMatchObject(refused)
    await expect(source.runNow(delayed, ann)).rejects.toMatchObject(refused)
    await expect(source.delete(failed, ann)).rejects.toMatchObject(refused)
    await expect(source.clearHistory({ olderThanMs: -60_000, statuses: [] }, ann)).rejects.toMatchObject(refused)
    await expect(source.pauseSchedule('nightly', ann)).rejects.toMatchObject(refused)
    await expect(source.runSchedule('nightly', ann)).rejects.toMatchObject(refused)
    await expect(source.reveal?.(failed, null, ann)).rejects.toMatchObject(refused)

    expect(await tasks.list()).toEqual(before)
    expect((await source.schedules())[0]?.status).toBe('active')
    edit('DROP TRIGGER full')
    expect(await entriesOf(tasks)).toEqual([])
    await source.cancel(running, ann)
    expect((await tasks.wait(running)).status).toBe('cancelled')
  })
})

describe('what somebody does to the file', () => {
  beforeEach(async () => {
    const tasks = await openWorkshop()
    await tasks.source.audit?.append(Array.from({ length: 2_500 }, (_, at) => ({ ...sample, at, target: `${at + 1}` })))
  })

  it.each([
    "UPDATE audit SET actor = 'eve' WHERE seq = 3",
    'DELETE FROM audit WHERE seq = 3',
    'DELETE FROM audit_head',
    'INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE seq = 3',
    'UPDATE audit_head SET entries = 7',
  ])('is refused by the file itself: %s', (sql) => {
    expect(() => edit(sql)).toThrow('only added to')
  })

  it.each([
    ['says another actor', "UPDATE audit SET actor = 'eve' WHERE seq = 1234", 1_234, 'changed'],
    ['says another outcome of the last', "UPDATE audit SET outcome = 'failed' WHERE seq = 2500", 2_500, 'changed'],
    ['leaves a reason out', "UPDATE audit SET affected = '[1]' WHERE seq = 1", 1, 'changed'],
    ['is no JSON any more', "UPDATE audit SET detail = '{' WHERE seq = 999", 999, 'changed'],
    ['is gone', 'DELETE FROM audit WHERE seq = 1000', 1_000, 'missing'],
    ['is the first and gone', 'DELETE FROM audit WHERE seq = 1', 1, 'missing'],
    ['changed places with its neighbour', swap(1_500, 1_501), 1_500, 'reordered'],
    ['changed places with another', swap(40, 90), 40, 'reordered'],
    ['was the last', 'DELETE FROM audit WHERE seq = 2500', 2_500, 'tail_cut'],
    ['was one of all', 'DELETE FROM audit', 1, 'tail_cut'],
  ])('is named: an entry that %s', async (_, sql, seq, why) => {
    disarm()
    edit(sql)
    expect(await openManager({ store: sqlite(file) }).verifyAudit()).toMatchObject({ broken: { seq, why } })
  })

  it('is named also when the entry was given a hash that fits: the next one does not, or the head', async () => {
    disarm()
    edit("UPDATE audit SET actor = 'eve', hash = 'forged' WHERE seq = 7")
    expect(await openManager({ store: sqlite(file) }).verifyAudit()).toMatchObject({ broken: { seq: 7 } })
    edit("UPDATE audit_head SET hash = 'forged'")
    edit("UPDATE audit SET actor = 'ann', hash = (SELECT hash FROM audit WHERE seq = 7) WHERE seq = 7")
    const { broken } = await openManager({ store: sqlite(file) }).verifyAudit()
    expect(broken?.seq).toBe(7)
  })

  it('does not keep the log from being shown', async () => {
    disarm()
    edit("UPDATE audit SET affected = 'x', detail = 'y' WHERE seq = 2500")
    const [last] = (await entriesOf(openManager({ store: sqlite(file) }))).slice(-1)
    expect(last).toMatchObject({ seq: 2_500, affected: ['x'], detail: 'y' })
  })
})

describe('several processes', () => {
  const script = fileURLToPath(new URL('./audit-worker.mjs', import.meta.url))
  const start = (actor: string, count: number): ChildProcess =>
    spawn(process.execPath, [script, file, actor, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] })

  it('keep one chain, also when one of them is killed in between', { timeout: 60_000 }, async () => {
    const own = openManager({ store: sqlite(file) })
    await own.open()
    const [steady, killed] = [start('steady', 150), start('killed', 1_000_000)]
    const ended = Promise.all([once(steady, 'exit'), once(killed, 'exit')])
    for (let at = 0; at < 50; at += 1) await own.source.audit?.append([{ ...sample, actor: 'own', at }])
    await vi.waitFor(async () => expect(await countOf(own, 'killed')).toBeGreaterThan(20), { timeout: 30_000 })
    killed.kill('SIGKILL')
    const [[code]] = await ended
    expect(code).toBe(0)
    expect([await countOf(own, 'steady'), await countOf(own, 'own')]).toEqual([150, 50])
    const { entries, broken } = await own.verifyAudit()
    expect(broken).toBeNull()
    expect(entries).toBe(200 + (await countOf(own, 'killed')))
  })

  it(
    'write on when another has let go of the file, with nothing else that keeps them alive',
    { timeout: 60_000 },
    async () => {
      const own = openManager({ store: sqlite(file) })
      await own.open()
      const worker = start('patient', 300)
      const ended = once(worker, 'exit')
      await once(worker.stdout!, 'data')
      const other = new Database(file)
      try {
        other.exec('BEGIN IMMEDIATE')
        const held = await countOf(own, 'patient')
        // Long enough for a process to end that has nothing to wait for.
        for (let look = 0; look < 100; look += 1) expect(await countOf(own, 'patient')).toBe(held)
        other.exec('COMMIT')
      } finally {
        other.close()
      }
      expect(await ended).toEqual([0, null])
      expect(await countOf(own, 'patient')).toBe(300)
    },
  )
})

async function countOf(tasks: TaskManager, actor: string): Promise<number> {
  const page = await tasks.source.audit?.list({ cursor: null, limit: 1_000_000, actor })
  return page?.entries.length ?? 0
}

/** As somebody does who has the file. */
function edit(sql: string): void {
  const db = new Database(file)
  try {
    db.exec(sql)
  } finally {
    db.close()
  }
}

function disarm(): void {
  const names = ['no_update', 'no_delete', 'no_replace', 'head_no_delete', 'head_forward']
  edit(names.map((name) => `DROP TRIGGER audit_${name};`).join(''))
}

function swap(a: number, b: number): string {
  return `UPDATE audit SET seq = -1 WHERE seq = ${a}; UPDATE audit SET seq = ${a} WHERE seq = ${b};
    UPDATE audit SET seq = ${b} WHERE seq = -1`
}
