import { sqlite } from '@taskloom/engine'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { createChance } from '../../packages/testkit/src/store-suite/sample.ts'
import { startPeer } from './processes.ts'
import { nextFile } from './temporary.ts'

const count = 100_000
const portion = 2_000
const kills = 4

async function fill(file: string): Promise<void> {
  const store = sqlite(file)
  await store.open()
  const createdAt = Date.UTC(2026, 0, 5)
  for (let start = 0; start < count; start += portion) {
    const batch = Array.from({ length: portion }, (_, index) => {
      const next = buildRecord({ status: 'failed', createdAt: createdAt + start + index, endTime: createdAt + count })
      return { previous: null, next, attempt: null, logs: [] }
    })
    await store.tasks.write(batch)
  }
  await store.close()
}

describe('kill -9 in the middle of a bulk operation of 100,000', () => {
  it('is gone on from: each task once in the report, and once retried', { timeout: 300_000 }, async () => {
    const file = nextFile()
    await fill(file)
    const chance = createChance(4)
    // Once while it finds out which tasks there are, and then between any two writes.
    const moments = [
      ['collected', Math.floor(chance() * count * 0.9)],
      ...Array.from({ length: kills - 1 }, (_, index) => ['done', Math.floor(((index + chance()) * count) / kills)]),
    ] as const
    for (const [index, [phase, far]] of moments.entries()) {
      const victim = startPeer('bulk-worker.mjs', [file, index === 0 ? 'begin' : 'go on', String(phase), String(far)])
      await victim.hear('reached')
      victim.child.kill('SIGKILL')
      await victim.exited
      expect(victim.lines.filter((line) => line.startsWith('ended'))).toEqual([])
    }
    const last = startPeer('bulk-worker.mjs', [file, 'go on', 'done', String(count)])
    expect(await last.hear('ended')).toBe('ended done')
    last.child.kill('SIGKILL')
    await last.exited

    const db = new Database(file, { readonly: true })
    const one = (sql: string) => db.prepare<[], Record<string, unknown>>(sql).get()
    expect(one('SELECT count(*) AS operations, status, total, succeeded, skipped, failed FROM operations')).toEqual({
      ...{ operations: 1, status: 'done', total: count, succeeded: count, skipped: 0, failed: 0 },
    })
    // Each retry is the one that the report names, of the task that it names; and nothing was retried beside it.
    expect(
      one(`SELECT count(*) AS lines, count(DISTINCT task_id) AS tasks, count(DISTINCT new_task_id) AS retries
           FROM operation_items JOIN tasks ON tasks.id = new_task_id AND retried_from = task_id
           WHERE outcome = 'succeeded'`),
    ).toEqual({ lines: count, tasks: count, retries: count })
    expect(one('SELECT count(*) AS tasks, count(DISTINCT retried_from) AS originals FROM tasks')).toEqual({
      ...{ tasks: 2 * count, originals: count },
    })
    expect(one(`SELECT sum(retry_count) AS retries, max(retry_count) AS most FROM tasks`)).toEqual({
      ...{ retries: count, most: 1 },
    })
    expect(one('SELECT count(*) AS lines FROM operation_items')).toEqual({ lines: count })
    expect(one(`SELECT group_concat(action, ' ') AS entries FROM audit ORDER BY seq`)).toEqual({
      entries: 'bulk_retry bulk_retry_ended',
    })
    db.close()
  })
})
