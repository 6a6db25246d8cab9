import pg from 'pg'
import { afterEach, describe, expect, it } from 'vitest'
import { change, together } from '../../packages/engine/src/stores/postgres/bulk.ts'
import { guardOf } from '../../packages/engine/src/stores/sql/guess.ts'
import { Texts } from '../../packages/engine/src/stores/sql/text.ts'
import { postgres } from '@taskloom/engine/postgres'
import { startPostgres } from '../servers/postgres.ts'
import { useServer } from '../servers/use-server.ts'

const stored = 8_000
const changed = 200

describe('a batch of changes on PostgreSQL', { timeout: 60_000 }, () => {
  const server = useServer(startPostgres)
  const ends: (() => Promise<unknown>)[] = []
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end()
  })

  /** A table whose rows all ran in a process that is gone, as the server's statistics know. */
  async function filled(): Promise<pg.Client> {
    const store = postgres(server.url)
    await store.open()
    await store.close()
    const client = new pg.Client({ connectionString: server.url })
    await client.connect()
    ends.push(() => client.end())
    await client.query(`INSERT INTO taskloom_tasks
      (id, status, func_name, queue, created_at, attempt, retries_used, max_retries, executor, source, tags, worker_id,
       has_logs, retry_count, version, interruptions, args, log_lines, urgency)
      SELECT 'task ' || n, 'success', 'work', 'default', n, 1, 0, 0, 'async', 'manual', '{}', 'gone', 0, 0, 1, 0, '[]', 0, 0
      FROM generate_series(1, ${stored}) n`)
    await client.query('ANALYZE taskloom_tasks')
    return client
  }

  it('finds its rows by their ids, although the server takes none to be of a new worker', async () => {
    const client = await filled()
    const seen = { status: 'running', attempt: 1, workerId: 'new', queue: 'default' }
    const rows = Array.from({ length: changed }, (_, index) => [`task ${index + 1}`, 'success'])
    const guard = guardOf(seen)
    const texts = new Texts(
      (name) => `taskloom_${name}`,
      (place) => `$${place}`,
    )
    const explain = async ({ sql, params }: { sql: string; params: readonly unknown[] }) => {
      const answer = await client.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${texts.of(sql)}`, [...params])
      return answer.rows.map((row) => row['QUERY PLAN']).join('\n')
    }
    // Once through the table at most: not once for each row, nor along an index of what is dead by now.
    const update = { kind: 'update', table: 'tasks', keys: ['id'], columns: ['status'], rows, guard } as const
    for (const bulk of [change('tasks', ['id'], ['status'], rows, guard), together([update])]) {
      const plan = await explain(bulk)
      expect(plan).toContain('Update on taskloom_tasks')
      expect(plan).not.toMatch(/Nested Loop|taskloom_tasks_status/)
    }
  })
})
