import type { Attempt } from '@taskloom/protocol'
import { impliedAttempt, isImplied } from '../attempts.ts'
import { RollupChanges } from '../rollup-changes.ts'
import { attemptFromRow, attemptList, recordColumns, recordFromRow } from '../reading/rows.ts'
import type { TransferTask } from '../transfer/port.ts'
import { tableShapes } from '../transfer/shapes.ts'
import { heldKeyOf, type NewRow } from '../unit/index.ts'
import type { BulkSession, Dialect, Row, Session } from './database.ts'
import { addRollups } from './rollups.ts'
import { attemptColumns, taskColumns, toAttemptRow, toTaskRow } from './rows.ts'
import { KeyedReader, tablePart, type Part } from './transfer-tables.ts'

const columns = [...recordColumns, 'attempt_started_at', 'error_group']

/** Tasks with their attempts, of which one may be said by the task's own row; tags and roll-ups are made with them. */
export function taskPart(dialect: Dialect): Part<'tasks'> {
  const reader = new KeyedReader(dialect, { table: 'tasks', key: ['id'], columns })
  return {
    async read(session, after, limit) {
      const { rows, next } = await reader.read(session, after, limit)
      const attempts = await attemptsOf(session, dialect, rows)
      return { rows: rows.map((row) => taskFromRow(row, attempts.get(String(row[0])) ?? [])), next }
    },
    async write(session, tasks) {
      const known = await knownOf(session, dialect, tasks)
      const fresh = tasks.filter(({ record }) => !known.has(record.taskId))
      if (fresh.length > 0) await insert(session, fresh)
    },
    count: (session) => reader.count(session),
  }
}

/** Lines, and how many each log has. */
export function linePart(dialect: Dialect, where: string): Part<'logs'> {
  const part = tablePart<'logs'>(dialect, tableShapes.logs, { where })
  return {
    ...part,
    async write(session, lines) {
      await part.write(session, lines)
      const taskIds = [...new Set(lines.map(({ taskId }) => taskId))]
      const counts = await session.rows(
        `SELECT task_id, max(line) FROM @logs WHERE ${dialect.among('task_id')} GROUP BY task_id`,
        [taskIds],
      )
      await session.update('tasks', ['id'], ['log_lines'], counts)
    },
  }
}

async function knownOf(
  session: Session,
  dialect: Dialect,
  tasks: readonly TransferTask[],
): Promise<ReadonlySet<string>> {
  const taskIds = tasks.map(({ record }) => record.taskId)
  const rows = await session.rows(`SELECT id FROM @tasks WHERE ${dialect.among('id')}`, [taskIds])
  return new Set(rows.map(([taskId]) => String(taskId)))
}

async function insert(session: BulkSession, tasks: readonly TransferTask[]): Promise<void> {
  const rows = tasks.map(toNewRow)
  await session.insert('tasks', taskColumns, rows.map(toTaskRow))
  const attempts = tasks.flatMap(({ record, attempts: all }) => {
    return all
      .filter((attempt) => !isImplied(record, attempt))
      .map((attempt) => toAttemptRow({ taskId: record.taskId, attempt }))
  })
  await session.insert('attempts', attemptColumns, attempts, 'replace')
  const tags = tasks.flatMap(({ record: { taskId, tags: all } }) => {
    return Object.entries(all).map(([key, value]) => [key, value, taskId])
  })
  await session.insert('task_tags', ['tag_key', 'tag_value', 'task_id'], tags, 'keep')
  const rollups = new RollupChanges()
  for (const { record } of tasks) rollups.add(record)
  await addRollups(session, rollups)
}

function toNewRow({ record, attempts, errorGroup }: TransferTask): NewRow {
  const attemptStartedAt = attempts.find((attempt) => isImplied(record, attempt))?.startedAt ?? null
  // Its log comes later.
  return { record, extras: { attemptStartedAt, heldKey: heldKeyOf(record), errorGroup, logLines: 0 } }
}

async function attemptsOf(
  session: Session,
  dialect: Dialect,
  tasks: readonly Row[],
): Promise<ReadonlyMap<string, readonly Attempt[]>> {
  const attempts = new Map<string, Attempt[]>()
  if (tasks.length === 0) return attempts
  const rows = await session.rows(
    `SELECT task_id, ${attemptList} FROM @attempts WHERE ${dialect.among('task_id')} ORDER BY task_id, attempt`,
    [tasks.map(([taskId]) => String(taskId))],
  )
  for (const [taskId, ...row] of rows) {
    const known = attempts.get(String(taskId))
    if (known) known.push(attemptFromRow(row))
    else attempts.set(String(taskId), [attemptFromRow(row)])
  }
  return attempts
}

function taskFromRow(row: Row, stored: readonly Attempt[]): TransferTask {
  const record = recordFromRow(row)
  const [startedAt, errorGroup] = row.slice(recordColumns.length)
  const implied = typeof startedAt === 'number' ? impliedAttempt(record, startedAt) : null
  const isSaid = implied === null || stored.some(({ attempt }) => attempt === implied.attempt)
  return { record, attempts: isSaid ? stored : [...stored, implied], errorGroup: (errorGroup ?? null) as string | null }
}
