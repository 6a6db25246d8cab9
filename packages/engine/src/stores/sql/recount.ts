import { minuteMs } from '@taskloom/protocol'
import { levels } from '../reading/cube.ts'
import { firstIdAt } from '../reading/ids-of-time.ts'
import { fold, RollupChanges, summed, type RollupChange } from '../rollup-changes.ts'
import type { CountDifference, RecountAnswer, RecountQuestion } from '../store.ts'
import { differencesOf, type Difference } from '../unit/recount.ts'
import type { Dialect, Row, Session, Value } from './database.ts'
import { take } from './guards.ts'
import { applyChanges, changeColumns, changeFromRow } from './rollups.ts'
import { asked, type Writer } from './writer.ts'

/** Buckets that one slice looks at, at most. */
const bucketsAtOnce = 60
/** After so many tasks a slice ends with the minute before. */
const tasksAtOnce = 20_000
const rowsAtOnce = 5_000
const maxExamples = 20

/** Buckets of one level from `from` on, `to` excluded. */
interface Stretch {
  readonly index: number
  readonly from: number
  readonly to: number
}

interface Compared {
  readonly checked: number
  readonly differences: readonly Difference[]
  readonly next: string | null
}

/**
 * Compares the kept counts with what they were counted from, all of it read of one moment: minutes with the tasks created in
 * them, longer buckets with the shorter ones they are made of. What is wrong is mended by what it is wrong by: others may go
 * on counting meanwhile.
 */
export async function recount(writer: Writer, { after, mend }: RecountQuestion): Promise<RecountAnswer> {
  const { database } = writer
  const compared = (): Promise<Compared> => database.snapshot((session) => compare(session, database.dialect, after))
  if (!mend) return answer(await asked(compared()))
  return writer.run(async (session) => {
    // Two who mend the same would mend it twice.
    await take(session, database.dialect, 'recount')
    const found = await compared()
    if (found.differences.length > 0) {
      await take(session, database.dialect, 'fold')
      await applyChanges(session, database.dialect, found.differences)
    }
    return answer(found)
  })
}

async function compare(session: Session, dialect: Dialect, after: string | null): Promise<Compared> {
  const stretch = await stretchAfter(session, after)
  if (stretch === null) return { checked: 0, differences: [], next: null }
  const { index } = stretch
  const level = levels[index] ?? 0
  const { counted, to } = index === 0 ? await countTasks(session, stretch) : await countFiner(session, dialect, stretch)
  const kept = await keptCounts(session, dialect, { ...stretch, to })
  const buckets = new Set([...counted, ...kept].map(({ bucket }) => bucket))
  return { checked: buckets.size, differences: differencesOf(level, kept, counted), next: `${index}:${to}` }
}

/** Buckets in order, level by level, the finest first. */
async function stretchAfter(session: Session, after: string | null): Promise<Stretch | null> {
  const [first = 0, bucket = 0] = after === null ? [] : after.split(':').map(Number)
  for (let index = first; index < levels.length; index += 1) {
    const from = await nextBucket(session, index, index === first ? bucket : 0)
    if (from !== null) return { index, from, to: from + Math.max(1, levels[index] ?? 0) * bucketsAtOnce }
  }
  return null
}

/** The next one that has rows, or something to make rows of. */
async function nextBucket(session: Session, index: number, from: number): Promise<number | null> {
  const level = levels[index] ?? 0
  if (level === 0) return from === 0 ? 0 : null
  const ofLevel = 'SELECT min(bucket) FROM @rollups WHERE level = ? AND bucket >= ?'
  const instants = [await first(session, ofLevel, level, from)]
  if (index > 0) instants.push(await first(session, ofLevel, levels[index - 1] ?? 0, from))
  else {
    instants.push(await first(session, 'SELECT min(bucket) FROM @rollup_changes WHERE bucket >= ?', from))
    const oldest = 'SELECT created_at FROM @tasks WHERE id >= ? ORDER BY id LIMIT 1'
    instants.push(await first(session, oldest, firstIdAt(from)))
  }
  const next = Math.min(...instants)
  return next === Infinity ? null : Math.floor(next / level) * level
}

async function first(session: Session, sql: string, ...params: readonly Value[]): Promise<number> {
  const [row] = await session.rows(sql, params)
  return Number(row?.[0] ?? Infinity)
}

/** What the tasks come to; the stretch ends sooner where there are many. */
async function countTasks(session: Session, { from, to }: Stretch): Promise<Counted> {
  const changes = new RollupChanges()
  let place = firstIdAt(from)
  let isFirst = true
  for (let tasks = 0; ; isFirst = false) {
    const rows = await session.rows(
      `SELECT id, created_at, func_name, queue, source, status, duration_ms, wait_ms, start_time, end_time FROM @tasks
       WHERE id ${isFirst ? '>=' : '>'} ? AND id < ? ORDER BY id LIMIT ?`,
      [place, firstIdAt(to), rowsAtOnce],
    )
    for (const row of rows) changes.add(toCounted(row))
    tasks += rows.length
    const last = rows.at(-1)
    if (!last || rows.length < rowsAtOnce) return { counted: changes.minutes(), to }
    place = String(last[0])
    const end = Math.floor(Number(last[1]) / minuteMs) * minuteMs
    if (tasks < tasksAtOnce || end === from) continue
    return { counted: changes.minutes().filter(({ bucket }) => bucket < end), to: end }
  }
}

interface Counted {
  readonly counted: readonly RollupChange[]
  /** Where the stretch ends in fact. */
  readonly to: number
}

function toCounted(row: Row): Parameters<RollupChanges['add']>[0] {
  const [, createdAt, funcName, queue, source, status, durationMs, waitMs, startTime, endTime] =
    row as readonly unknown[]
  const task = { createdAt, funcName, queue, source, status, durationMs, waitMs, startTime, endTime }
  return task as Parameters<RollupChanges['add']>[0]
}

/** What the shorter buckets come to. */
async function countFiner(session: Session, dialect: Dialect, { index, from, to }: Stretch): Promise<Counted> {
  const level = levels[index] ?? 0
  const end = level === 0 ? Number.MAX_SAFE_INTEGER : to
  const finer = await folded(session, dialect, levels[index - 1] ?? 0, { from, to: end })
  return { counted: [...fold(finer, level)], to }
}

/** What is kept: of minutes also what waits to be folded. */
async function keptCounts(session: Session, dialect: Dialect, { index, from, to }: Stretch) {
  const kept = await folded(session, dialect, levels[index] ?? 0, { from, to })
  if (index > 0) return kept
  const sql = `SELECT ${changeColumns.join(', ')} FROM @rollup_changes WHERE bucket >= ? AND bucket < ?`
  return summed([...kept, ...(await session.rows(sql, [from, to])).map(changeFromRow)])
}

/** Rows of the roll-ups, a portion at a time. */
async function folded(
  session: Session,
  dialect: Dialect,
  level: number,
  { from, to }: Pick<Stretch, 'from' | 'to'>,
): Promise<readonly RollupChange[]> {
  const found: RollupChange[] = []
  const { sql: isBeyond, places } = dialect.beyond(placeColumns, '>')
  const sql = `SELECT ${changeColumns.join(', ')} FROM @rollups WHERE level = ? AND bucket >= ? AND bucket < ? AND ${isBeyond}
    ORDER BY ${placeColumns.join(', ')} LIMIT ?`
  for (let place: readonly Value[] = [from - 1, '', '', '', '']; ;) {
    const after = places.map((index) => place[index] ?? null)
    const rows = await session.rows(sql, [level, from, to, ...after, rowsAtOnce])
    found.push(...rows.map(changeFromRow))
    const last = found.at(-1)
    if (!last || rows.length < rowsAtOnce) return found
    place = [last.bucket, last.status, last.funcName, last.queue, last.source]
  }
}

/** The key of a row within its level. */
const placeColumns = ['bucket', 'status', 'func_name', 'queue', 'source']

function answer({ checked, differences, next }: Compared): RecountAnswer {
  return { checked, differing: differences.length, examples: differences.slice(0, maxExamples).map(exampleOf), next }
}

function exampleOf({ level, change, kept, counted }: Difference): CountDifference {
  const { bucket, funcName, queue, source, status } = change
  return { bucketMs: level === 0 ? null : level, since: bucket, funcName, queue, source, status, kept, counted }
}
