import { readFileSync, statSync } from 'node:fs'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { taskloom, type Ended } from './command-line.ts'
import { openShop, type Shop } from './shop.ts'

interface Row {
  readonly task_id: string
  readonly func_name: string
  readonly status: string
  readonly tags: Readonly<Record<string, string>>
}

describe.each(['local', 'remote'] as const)('the command line on a %s store', { timeout: 60_000 }, (kind) => {
  let shop: Shop
  beforeAll(async () => {
    shop = await openShop(kind)
  })
  afterAll(() => shop.close())

  const run = (...args: readonly string[]): Promise<Ended> => taskloom([...args, ...shop.flags])
  const json = async <T>(...args: readonly string[]): Promise<T> => JSON.parse((await run(...args, '--json')).out) as T
  const rows = async (...args: readonly string[]) => (await json<{ tasks: readonly Row[] }>('tasks', ...args)).tasks
  const failed = async (): Promise<readonly Row[]> => rows('--status', 'failed', '--since', '1d')
  const idOf = async (order: string): Promise<string> => (await rows('--tag', `order=${order}`)).at(-1)?.task_id ?? ''

  it('says how things stand', async () => {
    const { totals, health } = await json<{ totals: object; health: object }>('status')
    expect(totals).toMatchObject({ total: 13, failed: 9, success: 2, pending: 2, running: 0 })
    expect(health).toMatchObject({ status: 'ok' })
    const { code, out } = await run('status')
    expect(code).toBe(0)
    expect(out).toMatch(/^failed +9$/m)
    expect(out).toMatch(/^Health {2}ok$/m)
  })

  it('lists what filters leave, page after page', async () => {
    expect((await rows('--func', 'greet', '--status', 'success,pending')).map(({ status }) => status)).toEqual([
      'pending',
      'pending',
      'success',
      'success',
    ])
    expect(await rows('--q', 'func:no_*')).toEqual([])
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const more: readonly string[] = cursor === null ? [] : ['--cursor', cursor]
      const args: readonly string[] = ['tasks', '--limit', '5', '--sort', 'func_name', ...more]
      const page: { tasks: readonly Row[]; next_cursor: string | null } = await json(...args)
      seen.push(...page.tasks.map(({ task_id }) => task_id))
      cursor = page.next_cursor
    } while (cursor !== null)
    expect(seen).toHaveLength(13)
    expect(new Set(seen).size).toBe(13)
    const { out } = await run('tasks', '--limit', '2')
    expect(out).toMatch(/^ID +FUNCTION +STATUS/)
    expect(out).toMatch(/2 of 13; more: --cursor /)
  })

  it('shows a task with its log, and nothing that would drive a terminal', async () => {
    const id = await idOf('4')
    expect(await json('show', id, '--logs')).toMatchObject({
      task_id: id,
      args: [4],
      tags: { order: '4' },
      logs: [{ message: 'charging 4' }],
    })
    const { code, out } = await run('show', id, '--logs')
    expect(code).toBe(0)
    expect(out).toMatch(/^Error +declined {2}\[31m4$/m)
    expect(out).toMatch(/info {5}charging 4$/m)
    expect(out).not.toContain('\u001b')
  })

  it('says by its exit code what is not there and what is not understood', async () => {
    const none = await run('show', '01900000-0000-7000-8000-000000000000', '--json')
    expect(none.code).toBe(3)
    expect(JSON.parse(none.out)).toMatchObject({ problem: { code: 'unknown_task' } })
    expect((await run('schedules', 'pause', 'weekly')).code).toBe(3)
    expect((await run('tasks', '--status', 'lost')).code).toBe(2)
    expect((await run('tasks', '--cursor', 'abc')).code).toBe(2)
  })

  it('retries what failed, and says of each what became of it', async () => {
    const [id, done] = [await idOf('1'), (await rows('--status', 'success'))[0]?.task_id ?? '']
    const both = await run('retry', id, done, '--json')
    expect(both.code).toBe(1)
    const { results } = JSON.parse(both.out) as { results: readonly (Row & { original_task_id: string })[] }
    expect(results).toMatchObject([
      { original_task_id: id, ok: true, task: { source: 'retry', retried_from: id } },
      { original_task_id: done, ok: false, problem: { code: 'wrong_status' } },
    ])
    const missing = await run('retry', 'nobody')
    expect([missing.code, missing.out]).toEqual([3, ''])
    expect(missing.err).toContain('nobody')
  })

  it('cancels what waits', async () => {
    const [waiting] = await rows('--status', 'pending', '--func', 'greet')
    const { code, out } = await run('cancel', waiting?.task_id ?? '', '--reason', 'a mistake')
    expect([code, out]).toEqual([0, `${waiting?.task_id}  cancelled\n`])
    expect((await run('cancel', waiting?.task_id ?? '')).code).toBe(1)
  })

  it('exports dead letters as they are', async () => {
    const file = `${shop.file}.csv`
    const { code } = await run('dead-letter', 'export', '--output', file, '--func', 'charge')
    expect(code).toBe(0)
    expect(statSync(file).mode & 0o077).toBe(0)
    const lines = readFileSync(file, 'utf8').split('\r\n').slice(0, -1)
    expect(lines[0]).toBe('\ufeffID,Function,Status,Duration (ms),Retries,Created,Error')
    const listed = await json<{ tasks: readonly Row[] }>('dead-letter', 'list')
    expect(lines).toHaveLength(1 + listed.tasks.length)
    const { out } = await run('dead-letter', 'export', '-o', '-', '--format', 'json', '--since', '2d')
    const exported = JSON.parse(out) as readonly Row[]
    expect(exported.map(({ task_id }) => task_id).sort()).toEqual((await failed()).map(({ task_id }) => task_id).sort())
  })

  it('changes many only when it is told to, and no second time', async () => {
    const before = await failed()
    const look = await json('dead-letter', 'replay', '--all', '--since', '1d', '--dry-run')
    expect(look).toMatchObject({ dry_run: true, count: before.length })
    const refused = await run('dead-letter', 'replay', '--all')
    expect(refused.code).toBe(2)
    expect(refused.err).toMatch(/Retry \d+ tasks\?.*--yes/)
    const ids = before.slice(0, 2).map(({ task_id }) => task_id)
    const [first] = ids
    expect((await run('retry', ...ids)).code).toBe(0)
    expect(await json('dead-letter', 'delete', first ?? '')).toMatchObject({ results: [{ ok: true, deleted: 1 }] })
    expect((await run('show', first ?? '')).code).toBe(3)
    expect((await run('dead-letter', 'replay')).code).toBe(2)
    expect((await run('dead-letter', 'replay', 'x', '--all')).code).toBe(2)
    const all = ['dead-letter', 'replay', '--all', '--since', '30d', '--tag', 'order:3'] as const
    expect(await json(...all, '--yes')).toMatchObject({ dispatched: 1, skipped: 0 })
  })

  it('runs, pauses and resumes schedules', async () => {
    expect(await json('schedules')).toMatchObject([{ func_name: 'nightly', status: 'active' }])
    expect((await run('schedules', 'pause', 'nightly')).out).toBe('nightly is paused\n')
    expect((await run('schedules')).out).toMatch(/nightly +paused +At 03:00/)
    expect((await run('schedules', 'resume', 'nightly')).out).toBe('nightly is active\n')
    expect(await json('schedules', 'run', 'nightly')).toMatchObject({ task: { source: 'scheduled' } })
  })

  it('counts by queue, and pauses one', async () => {
    expect(await json('queues')).toMatchObject([{ queue: 'default' }, { queue: 'mail', paused: false }])
    expect((await run('queues', 'pause', 'mail')).out).toBe('mail is paused\n')
    expect((await run('queues')).out).toMatch(/^mail +paused +4 /m)
    expect(await json('queues', 'resume', 'mail')).toMatchObject({ queue: 'mail', paused: false })
    expect((await run('queues', 'drain', 'mail')).out).toBe('Cancelled 1 task\n')
    expect(await rows('--status', 'pending', '--queue', 'mail')).toEqual([])
  })

  it('inspects everything that there is', async () => {
    const all = await json<{ workers: readonly object[] }>('inspect')
    expect(Object.keys(all)).toEqual(['workers', 'schedules', 'queues', 'locks', 'drift'])
    expect(all).toMatchObject({ schedules: [{ func_name: 'nightly' }], locks: [], drift: { partial: [] } })
    // The command itself is no worker.
    expect(all.workers).toHaveLength(kind === 'local' ? 0 : 1)
    expect((await run('inspect')).out).toMatch(/^Locks\nnone\n\nDrift\n/m)
    const { code, out } = await run('workers')
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(kind === 'local' ? /^No workers/ : /^WORKER +STATUS.*\n.* active /),
    ])
  })

  it('has what it did in the audit log, and verifies it', async () => {
    const actor = kind === 'local' ? (expect.stringMatching(/.+ \(command line\)$/) as string) : 'anonymous'
    const { entries } = await json<{ entries: readonly object[] }>('audit', '--action', 'cancel', '--limit', '1')
    expect(entries).toMatchObject([{ actor, action: 'cancel' }])
    expect(await json('audit', '--outcome', 'ok', '--since', '1h', '--action', 'cancel')).toMatchObject({
      entries: [{ reason: 'a mistake', outcome: 'ok', affected_count: 1 }],
    })
    expect((await run('audit')).out).toMatch(/^ *SEQ +WHEN +WHO +WHAT/)
    const verified = await run('audit', 'verify', '--json')
    expect(verified.code).toBe(0)
    expect(JSON.parse(verified.out)).toMatchObject({
      broken: null,
      hash: expect.stringMatching(/^[\da-f]{64}$/) as string,
    })
  })

  it('deletes what ended long ago, and nothing else', async () => {
    const total = (await rows('--limit', '500')).length
    expect(await json('cleanup', '--older-than', '30d', '--dry-run')).toMatchObject({ dry_run: true, count: 3 })
    expect((await run('cleanup', '--older-than', '30d', '--status', 'cancelled')).out).toBe('Deleted 0 tasks\n')
    expect((await run('cleanup', '--older-than', '30d')).out).toBe('Deleted 3 tasks\n')
    expect(await rows('--limit', '500')).toHaveLength(total - 3)
    expect((await run('cleanup', '--older-than', 'soon')).code).toBe(2)
    expect((await run('cleanup')).code).toBe(2)
  })

  it('finds out when the audit log was changed', async () => {
    const db = new Database(shop.file)
    db.exec('DROP TRIGGER audit_no_update')
    db.prepare("UPDATE audit SET actor = 'somebody else' WHERE seq = 1").run()
    db.close()
    const { code, out } = await run('audit', 'verify')
    expect([code, out]).toEqual([1, 'The log is broken at entry 1: changed\n'])
  })
})
