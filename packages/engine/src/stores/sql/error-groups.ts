import { errorKind } from '../../core/error-group.ts'
import type { TaskRecord } from '../../core/record.ts'
import { hourOf, withFunction } from '../error-book.ts'
import { errorCountsMs, maxErrorGroups } from '../fleet.ts'
import type { BulkSession, Dialect, Row, Value } from './database.ts'
import { take } from './guards.ts'

interface Group {
  readonly fingerprint: string
  readonly type: string
  readonly isNew: boolean
  readonly firstSeen: number
  message: string
  functions: readonly string[]
  lastSeen: number
  sampleTask: string
  readonly hours: Map<number, number>
}

/** Counts failures by kind, in the transaction that stores them; whoever else counts waits until that ends. */
export async function countFailures(
  session: BulkSession,
  dialect: Dialect,
  failures: readonly TaskRecord[],
): Promise<void> {
  await take(session, dialect, 'errors')
  const kinds = failures.map((record) => ({ record, ...errorKind(record) }))
  const fingerprints = [...new Set(kinds.map(({ fingerprint }) => fingerprint))]
  const groups = await readGroups(session, dialect, fingerprints)
  for (const { record, fingerprint, type } of kinds) {
    const group = groups.get(fingerprint) ?? newGroup(fingerprint, type, seenAt(record))
    groups.set(fingerprint, group)
    count(group, record)
  }
  await saveGroups(session, [...groups.values()])
  await saveHours(session, dialect, [...groups.values()])
  if ([...groups.values()].some(({ isNew }) => isNew)) await makeRoom(session, dialect)
}

async function readGroups(
  session: BulkSession,
  dialect: Dialect,
  fingerprints: readonly string[],
): Promise<Map<string, Group>> {
  const sql = `SELECT fingerprint, type, message, functions, first_seen, last_seen, sample_task
    FROM @error_groups WHERE ${dialect.among('fingerprint')}`
  const rows = await session.rows(sql, [fingerprints])
  return new Map(rows.map((row) => [String(row[0]), groupFromRow(row)]))
}

function groupFromRow(row: Row): Group {
  return {
    fingerprint: row[0] as string,
    type: row[1] as string,
    isNew: false,
    firstSeen: row[4] as number,
    message: row[2] as string,
    functions: JSON.parse(row[3] as string) as string[],
    lastSeen: row[5] as number,
    sampleTask: row[6] as string,
    hours: new Map(),
  }
}

function newGroup(fingerprint: string, type: string, at: number): Group {
  const empty = { message: '', functions: [], sampleTask: '', hours: new Map<number, number>() }
  return { ...empty, fingerprint, type, isNew: true, firstSeen: at, lastSeen: at }
}

function seenAt({ endTime, createdAt }: TaskRecord): number {
  return endTime ?? createdAt
}

function count(group: Group, record: TaskRecord): void {
  const at = seenAt(record)
  group.message = record.error ?? ''
  group.functions = withFunction(group.functions, record.funcName)
  group.lastSeen = Math.max(group.lastSeen, at)
  group.sampleTask = record.taskId
  group.hours.set(hourOf(at), (group.hours.get(hourOf(at)) ?? 0) + 1)
}

/** What people said of a group stays as it is. */
async function saveGroups(session: BulkSession, groups: readonly Group[]): Promise<void> {
  const changing = ['message', 'functions', 'last_seen', 'sample_task']
  const values = ({ message, functions, lastSeen, sampleTask }: Group): Value[] => {
    return [message, JSON.stringify(functions), lastSeen, sampleTask]
  }
  const known = groups.filter(({ isNew }) => !isNew).map((group) => [group.fingerprint, ...values(group)])
  if (known.length > 0) await session.update('error_groups', ['fingerprint'], changing, known)
  const added = groups
    .filter(({ isNew }) => isNew)
    .map((group) => [group.fingerprint, group.type, group.firstSeen, ...values(group)])
  if (added.length > 0) {
    await session.insert('error_groups', ['fingerprint', 'type', 'first_seen', ...changing], added)
  }
}

async function saveHours(session: BulkSession, dialect: Dialect, groups: readonly Group[]): Promise<void> {
  const hours = [...new Set(groups.flatMap((group) => [...group.hours.keys()]))]
  const rows = await session.rows(
    `SELECT fingerprint, hour, tasks FROM @error_counts
     WHERE ${dialect.among('fingerprint')} AND ${dialect.among('hour')}`,
    [groups.map(({ fingerprint }) => fingerprint), hours],
  )
  const known = new Map(rows.map(([fingerprint, hour, tasks]) => [`${hour} ${fingerprint}`, Number(tasks)]))
  const summed = groups.flatMap(({ fingerprint, hours: counts }) =>
    [...counts].map(([hour, tasks]) => [fingerprint, hour, tasks + (known.get(`${hour} ${fingerprint}`) ?? 0)]),
  )
  await session.insert('error_counts', ['fingerprint', 'hour', 'tasks'], summed, 'replace')
  // A new hour begins seldom: only then is there something to forget.
  if (rows.length > 0) return
  await session.run('DELETE FROM @error_counts WHERE hour < ?', [Math.max(...hours) - errorCountsMs])
}

/** What was not seen for the longest time makes room. */
async function makeRoom(session: BulkSession, dialect: Dialect): Promise<void> {
  const [[kept] = []] = await session.rows('SELECT count(*) FROM @error_groups')
  const excess = Number(kept) - maxErrorGroups
  if (excess <= 0) return
  const sql = 'SELECT fingerprint FROM @error_groups ORDER BY last_seen, fingerprint LIMIT ?'
  const oldest = (await session.rows(sql, [excess])).map(([fingerprint]) => String(fingerprint))
  for (const table of ['error_groups', 'error_counts']) {
    await session.run(`DELETE FROM @${table} WHERE ${dialect.among('fingerprint')}`, [oldest])
  }
}
