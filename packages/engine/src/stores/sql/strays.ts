import type { StrayAnswer, StrayKind, StrayQuestion } from '../store.ts'
import type { BulkSession, Database, Row, Session } from './database.ts'
import { asked, type Writer } from './writer.ts'

/** Tasks whose rows one slice looks at. */
const tasksAtOnce = 500
const tagsAtOnce = 1_000

interface Slice {
  /** Where to go on; null at the end. */
  readonly next: string | null
  /** What has no task, by the columns that it is found by. */
  readonly strays: readonly Row[]
}

/** Finds rows that outlived their task, along the index of each table, and deletes them when it is asked to. */
export function findStrays(writer: Writer, question: StrayQuestion): Promise<StrayAnswer> {
  const { kind, after, remove } = question
  if (remove) return writer.run((session) => removeSlice(session, writer.database, kind, after))
  return asked(countSlice(writer.database, kind, after))
}

async function countSlice(database: Database, kind: StrayKind, after: string | null): Promise<StrayAnswer> {
  const { next, strays } = await readSlice(database.session, database, kind, after)
  if (kind === 'tags' || strays.length === 0) return { found: strays.length, next }
  const sql = `SELECT count(*) FROM @${kind} WHERE ${database.dialect.among('task_id')}`
  const [row] = await database.session.rows(sql, [strays.map(([taskId]) => taskId ?? '')])
  return { found: Number(row?.[0] ?? 0), next }
}

/** What is read of one moment has no task: none that comes later has the id of one that is gone. */
async function removeSlice(
  session: BulkSession,
  database: Database,
  kind: StrayKind,
  after: string | null,
): Promise<StrayAnswer> {
  const { next, strays } = await readSlice(session, database, kind, after)
  if (kind === 'tags') return { found: await session.remove('task_tags', tagColumns, strays), next }
  return { found: await session.remove(kind, ['task_id'], strays), next }
}

function readSlice(session: Session, database: Database, kind: StrayKind, after: string | null): Promise<Slice> {
  return kind === 'tags' ? readTags(session, database, after) : readTasks(session, kind, after)
}

/** Locks are of tasks that wait or run. */
async function readTasks(session: Session, kind: Exclude<StrayKind, 'tags'>, after: string | null): Promise<Slice> {
  const isKnown = kind === 'locks' ? "AND tasks.status IN ('pending', 'running')" : ''
  const rows = await session.rows(
    `SELECT seen.task_id, tasks.id FROM
       (SELECT DISTINCT task_id FROM @${kind} WHERE task_id > ? ORDER BY task_id LIMIT ${tasksAtOnce}) seen
     LEFT JOIN @tasks tasks ON tasks.id = seen.task_id ${isKnown} ORDER BY seen.task_id`,
    [after ?? ''],
  )
  const strays = rows.flatMap(([taskId = null, known]) => (known === null ? [[taskId]] : []))
  const last = rows.length < tasksAtOnce ? undefined : rows.at(-1)
  return { next: last ? String(last[0]) : null, strays }
}

const tagColumns = ['tag_key', 'tag_value', 'task_id']

/** Tags lie by key and value. */
async function readTags(session: Session, { dialect }: Database, after: string | null): Promise<Slice> {
  const place = after === null ? ['', '', ''] : (JSON.parse(after) as readonly string[])
  const { sql: isBeyond, places } = dialect.beyond(tagColumns, '>')
  const rows = await session.rows(
    `SELECT seen.tag_key, seen.tag_value, seen.task_id, tasks.id FROM
       (SELECT tag_key, tag_value, task_id FROM @task_tags WHERE ${isBeyond}
        ORDER BY tag_key, tag_value, task_id LIMIT ${tagsAtOnce}) seen
     LEFT JOIN @tasks tasks ON tasks.id = seen.task_id ORDER BY seen.tag_key, seen.tag_value, seen.task_id`,
    places.map((index) => place[index] ?? ''),
  )
  const strays = rows.filter((row) => row[3] === null).map((row) => row.slice(0, 3))
  const last = rows.length < tagsAtOnce ? undefined : rows.at(-1)
  return { next: last ? JSON.stringify(last.slice(0, 3)) : null, strays }
}
