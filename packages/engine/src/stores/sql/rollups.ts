import { randomUUID } from 'node:crypto'
import type { TaskStatus } from '@taskloom/protocol'
import { addBins, addToBin, changedBins, readBins, type Bins } from '../histogram.ts'
import { levels } from '../reading/cube.ts'
import {
  changesNoCount,
  fold,
  isNothing,
  placeOf,
  summed,
  type RollupChange,
  RollupChanges,
} from '../rollup-changes.ts'
import { covers, isEmpty, noBounds, type TimeBounds } from '../time-bounds.ts'
import type { CountChange } from '../unit/index.ts'
import type { BulkSession, Dialect, Row, Value } from './database.ts'
import { tryTake } from './guards.ts'
import type { Writer } from './writer.ts'

/** Changes that one transaction folds at most. */
const maxFolded = 5_000

const countColumns = [
  ...['tasks', 'duration_count', 'duration_sum', 'duration_bins'],
  ...['wait_count', 'wait_sum', 'wait_bins'],
  ...['earliest', 'latest'],
] as const

/** Of the table `rollup_changes` without its id, in the order that {@link changeFromRow} reads. */
export const changeColumns = ['bucket', 'func_name', 'queue', 'source', 'status', ...countColumns] as const

/**
 * Adds rows of what a transaction changes in the roll-ups: no two transactions wait for each other. Readers count these rows
 * with what is folded, both read of one moment.
 */
export async function addRollups(session: BulkSession, changes: RollupChanges): Promise<void> {
  const rows = rowsOf(changes)
  if (rows.length > 0) await session.insert('rollup_changes', rowColumns, rows)
}

/** The same rows for whoever adds them. */
export function rollupRows(changes: RollupChanges): { readonly columns: readonly string[]; readonly rows: Value[][] } {
  return { columns: rowColumns, rows: rowsOf(changes) }
}

/** What tasks that changed have changed in the roll-ups. */
export function gathered(counts: readonly CountChange[]): RollupChanges {
  const changes = new RollupChanges()
  for (const { before, after } of counts) {
    if (before && after) changes.replace(before, after)
    else if (after) changes.add(after)
    else if (before) changes.subtract(before)
  }
  return changes
}

const rowColumns: readonly string[] = ['id', ...changeColumns]

function rowsOf(changes: RollupChanges): Value[][] {
  const now = Date.now().toString(36).padStart(9, '0')
  return changes.minutes().flatMap((change): Value[][] => {
    return isNothing(change) ? [] : [[`${now}-${randomUUID()}`, ...changeToRow(change)]]
  })
}

/** Counts, and counts in the bins, may be negative: see `readBins`. */
export function changeFromRow(row: Row): RollupChange {
  return {
    bucket: Number(row[0]),
    funcName: row[1] as string,
    queue: row[2] as string,
    source: row[3] as string,
    status: row[4] as TaskStatus,
    tasks: Number(row[5]),
    duration: { count: Number(row[6]), sum: Number(row[7]), bins: binsOf(row[8] as string | null) },
    wait: { count: Number(row[9]), sum: Number(row[10]), bins: binsOf(row[11] as string | null) },
    earliest: Number(row[12]),
    latest: Number(row[13]),
  }
}

function changeToRow(change: RollupChange): Value[] {
  const { bucket, funcName, queue, source, status, tasks, duration, wait, earliest, latest } = change
  return [
    ...[bucket, funcName, queue, source, status, tasks],
    ...[duration.count, duration.sum, changedBins(duration.bins)],
    ...[wait.count, wait.sum, changedBins(wait.bins)],
    ...[earliest, latest],
  ]
}

function binsOf(text: string | null): Bins {
  const bins: Bins = new Map()
  readBins(text, (bin, count) => addToBin(bins, bin, count))
  return bins
}

/** Folds changes that wait if no other process does so just now; how many they were. */
export function foldSome(writer: Writer): Promise<number> {
  const { dialect } = writer.database
  return writer.run(async (session) => {
    return (await tryTake(session, dialect, 'fold')) ? foldChanges(session, dialect) : 0
  })
}

/**
 * Moves changes that wait into the roll-ups of all lengths and says how many they were, {@link maxFolded} at most. Whoever
 * calls this has taken the guard `fold`.
 */
export async function foldChanges(session: BulkSession, dialect: Dialect): Promise<number> {
  const columns = ['id', ...changeColumns].join(', ')
  const rows = await session.rows(`SELECT ${columns} FROM @rollup_changes ORDER BY id LIMIT ?`, [maxFolded])
  if (rows.length === 0) return 0
  const minutes = summed(rows.map((row) => changeFromRow(row.slice(1))))
  const folded = levels.flatMap((level) => [...fold(minutes, level)].map((change) => ({ level, change })))
  const wanted = folded.filter(({ change }) => !isNothing(change))
  await applyChanges(session, dialect, wanted, rows.length === maxFolded ? 'some' : 'all')
  const ids = rows.map(([id]) => [id ?? ''])
  await session.remove('rollup_changes', ['id'], ids)
  return rows.length
}

/** A change of a count of one length; 0 is for all time. */
interface Folded {
  readonly level: number
  readonly change: RollupChange
}

const keyColumns = ['level', 'bucket', 'func_name', 'queue', 'source', 'status']

/**
 * Adds changes to the roll-ups. Whoever calls this has taken the guard `fold`. When they are not `all` there are, a task that
 * goes may be among them before it came: then bounds stay where nothing is counted, which are of another one perhaps.
 */
export async function applyChanges(
  session: BulkSession,
  dialect: Dialect,
  folded: readonly Folded[],
  which: 'some' | 'all' = 'all',
): Promise<void> {
  const known = await readKnown(session, dialect, folded)
  const kept: Value[][] = []
  const gone: Value[][] = []
  for (const { level, change } of folded) {
    const { bucket, funcName, queue, source, status } = change
    const key = [level, bucket, funcName, queue, source, status]
    const row = known.get(`${level} ${placeOf(change)}`)
    const counts = added(row ?? nothing, change)
    // A row below nothing waits for changes that are folded later.
    const isOver = counts[0] === 0 && counts[1] === 0 && counts[4] === 0
    if (isOver && (which === 'all' || isEmpty(boundsOf(counts)))) {
      if (row) gone.push(key)
    } else if (!row || !changesNoCount(change) || !covers(boundsOf(row), change)) kept.push([...key, ...counts])
  }
  if (kept.length > 0) await session.insert('rollups', [...keyColumns, ...countColumns], kept, 'replace')
  if (gone.length > 0) await session.remove('rollups', keyColumns, gone)
}

const nothing: Row = [0, 0, 0, null, 0, 0, null, noBounds.earliest, noBounds.latest]

function boundsOf(row: Row): TimeBounds {
  const [earliest, latest] = row.slice(-2)
  return { earliest: Number(earliest), latest: Number(latest) }
}

function added(row: Row, change: RollupChange): Value[] {
  const [tasks, dCount, dSum, dBins, wCount, wSum, wBins, earliest, latest] = row
  const { duration, wait } = change
  return [
    Number(tasks) + change.tasks,
    ...[Number(dCount) + duration.count, Number(dSum) + duration.sum, addBins(text(dBins), duration.bins)],
    ...[Number(wCount) + wait.count, Number(wSum) + wait.sum, addBins(text(wBins), wait.bins)],
    ...[Math.min(Number(earliest), change.earliest), Math.max(Number(latest), change.latest)],
  ]
}

function text(value: Value | undefined): string | null {
  return typeof value === 'string' ? value : null
}

/** All rows of the buckets that change, by level and place. */
async function readKnown(
  session: BulkSession,
  dialect: Dialect,
  folded: readonly Folded[],
): Promise<ReadonlyMap<string, Row>> {
  const condition = `(level = ? AND ${dialect.among('bucket')})`
  const buckets = levels.map((level) => [
    ...new Set(folded.filter((entry) => entry.level === level).map(({ change }) => change.bucket)),
  ])
  const rows = await session.rows(
    `SELECT ${[...keyColumns, ...countColumns].join(', ')} FROM @rollups
     WHERE ${levels.map(() => condition).join(' OR ')}`,
    levels.flatMap((level, index) => [level, buckets[index] ?? []]),
  )
  return new Map(
    rows.map((row) => {
      const [level, bucket, funcName, queue, source, status] = row
      const place = { bucket: Number(bucket), funcName: String(funcName), queue: String(queue), source: String(source) }
      return [`${level} ${placeOf({ ...place, status: status as TaskStatus })}`, row.slice(keyColumns.length)]
    }),
  )
}
