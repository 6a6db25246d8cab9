import { minuteMs } from '@taskloom/protocol'
import { countedDuration, countedWait, type Countable } from '../figures.ts'
import { binOf } from '../histogram.ts'
import { levels } from '../reading/cube.ts'
import { firstIdAt } from '../reading/ids-of-time.ts'
import type { CountDifference, RecountAnswer, RecountQuestion } from '../store.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Connection } from './connection.ts'
import { bare, KeyChanges } from './key-changes.ts'
import { parsePlace, placeName, type CountPlace, type SpreadOf } from './keys.ts'
import { readTasks } from './scripts.ts'
import { decodeSummary, summaryFields } from './task-fields.ts'

/** One slice takes about this long, and never less than one bucket takes. */
const sliceMs = 50
const maxExamples = 20
const tasksAtOnce = 500
/** A bucket that is written to all the time is left to the next look. */
const maxReads = 5

/**
 * All counts of one bucket: `n` for tasks, or `duration` or `wait` with the field of that spread, then a blank and the name
 * of the place.
 */
type Counts = Map<string, number>
const countMark = 'n '

interface BucketPlace {
  readonly index: number
  readonly bucket: number
}

/**
 * Compares the kept counts with what they were counted from: minutes with the tasks created in them, longer buckets with
 * the shorter ones they are made of.
 */
export async function recount(queue: CommitQueue, { after, mend }: RecountQuestion): Promise<RecountAnswer> {
  const { connection } = queue
  const endMs = performance.now() + sliceMs
  const differences: CountDifference[] = []
  let checked = 0
  let done = after
  for (;;) {
    const place = await placeAfter(connection, done)
    if (place === null) return answer(checked, differences, null)
    differences.push(...(await compare(queue, place, mend)))
    checked += 1
    done = `${place.index}:${place.bucket}`
    if (performance.now() > endMs) return answer(checked, differences, done)
  }
}

function answer(checked: number, differences: readonly CountDifference[], next: string | null): RecountAnswer {
  return { checked, differing: differences.length, examples: differences.slice(0, maxExamples), next }
}

/** Buckets in order, level by level, the finest first. */
async function placeAfter(connection: Connection, after: string | null): Promise<BucketPlace | null> {
  const [first = 0, last = -1] = after === null ? [] : after.split(':').map(Number)
  let from = last
  for (let index = first; index < levels.length; index += 1) {
    const bucket = await nextBucket(connection, index, from)
    if (bucket !== null) return { index, bucket }
    from = -1
  }
  return null
}

/** The next one that has counts, or something to make counts of. */
async function nextBucket(connection: Connection, index: number, before: number): Promise<number | null> {
  const level = levels[index] ?? 0
  if (level === 0) return before < 0 ? 0 : null
  const { keys } = connection
  const from = before < 0 ? 0 : before + level
  const kept = await firstFrom(connection, keys.buckets(level), from)
  const source =
    index === 0
      ? await firstTask(connection, from)
      : await firstFrom(connection, keys.buckets(levels[index - 1] ?? 0), from)
  const counted = source === null ? null : Math.floor(source / level) * level
  return kept === null || counted === null ? (kept ?? counted) : Math.min(kept, counted)
}

async function firstFrom(connection: Connection, key: string, from: number): Promise<number | null> {
  const [bucket] = (await connection.command('ZRANGEBYSCORE', key, from, '+inf', 'LIMIT', 0, 1)) as readonly string[]
  return bucket === undefined ? null : Number(bucket)
}

async function firstTask(connection: Connection, from: number): Promise<number | null> {
  const range = ['ZRANGEBYLEX', connection.keys.ids(), `[${firstIdAt(from)}`, '+', 'LIMIT', 0, 1] as const
  const [taskId] = (await connection.command(...range)) as readonly string[]
  if (taskId === undefined) return null
  const head = (await connection.command('HGET', connection.keys.task(taskId), 'h')) as string | null
  return head === null ? null : decodeSummary(head, null).createdAt
}

async function compare(queue: CommitQueue, place: BucketPlace, mend: boolean): Promise<readonly CountDifference[]> {
  return queue.alone(async () => {
    const changes = new KeyChanges()
    const read = await readSteadily(queue.connection, place)
    if (read === null) return { changes, answer: [] }
    const { kept, counted } = read
    const level = levels[place.index] ?? 0
    const differing = new Map<string, CountDifference>()
    for (const field of new Set([...kept.keys(), ...counted.keys()])) {
      if (isEqual(kept.get(field) ?? 0, counted.get(field) ?? 0)) continue
      const name = field.slice(field.indexOf(' ') + 1)
      differing.set(name, differenceAt(place, name, kept, counted))
      if (mend) put(changes, level, place.bucket, field, counted.get(field) ?? 0)
    }
    if (mend && differing.size > 0) {
      guardCounts(changes, level, place.bucket, differing.keys(), kept)
      changes.rank(bare.buckets(level), String(place.bucket), counted.size > 0 ? place.bucket : null)
    }
    return { changes, answer: [...differing.values()] }
  })
}

function differenceAt({ index, bucket }: BucketPlace, name: string, kept: Counts, counted: Counts): CountDifference {
  const level = levels[index] ?? 0
  const [keptTasks, countedTasks] = [kept, counted].map((counts) => counts.get(countMark + name) ?? 0)
  const bucketMs = level === 0 ? null : level
  return { bucketMs, since: bucket, ...parsePlace(name), kept: keptTasks ?? 0, counted: countedTasks ?? 0 }
}

function put(changes: KeyChanges, level: number, bucket: number, field: string, value: number): void {
  const blank = field.indexOf(' ')
  const [mark, name] = [field.slice(0, blank), field.slice(blank + 1)]
  const amount = value === 0 ? null : value
  const [of, bin] = mark.split(':')
  if (bin === undefined) changes.put(bare.count(level, bucket), name, amount)
  else changes.put(bare.spread(level, bucket, parsePlace(name), of as SpreadOf), bin, amount)
}

/** Nobody has counted a task in between. */
function guardCounts(changes: KeyChanges, level: number, bucket: number, names: Iterable<string>, kept: Counts): void {
  for (const name of names) {
    const tasks = kept.get(countMark + name)
    changes.guard({ key: bare.count(level, bucket), field: name, expected: tasks === undefined ? null : String(tasks) })
  }
}

/** Both as of one moment: what is kept was the same before and after the rest was read. Null when it never was. */
async function readSteadily(connection: Connection, place: BucketPlace) {
  const level = levels[place.index] ?? 0
  let kept = await readKept(connection, level, place.bucket)
  for (let reads = 0; reads < maxReads; reads += 1) {
    const counted = place.index === 0 ? await countTasks(connection, place.bucket) : await countFiner(connection, place)
    const again = await readKept(connection, level, place.bucket)
    if (isSame(kept, again)) return { kept, counted }
    kept = again
  }
  return null
}

async function readKept(connection: Connection, level: number, bucket: number): Promise<Counts> {
  const { keys } = connection
  const counts = (await connection.command('HGETALL', keys.count(level, bucket))) as readonly string[]
  const kept: Counts = new Map()
  const asked: { readonly name: string; readonly of: SpreadOf }[] = []
  for (let at = 0; at < counts.length; at += 2) {
    const name = counts[at] ?? ''
    kept.set(countMark + name, Number(counts[at + 1]))
    asked.push({ name, of: 'duration' }, { name, of: 'wait' })
  }
  const spreads = (await connection.pipeline(
    asked.map(({ name, of }) => ['HGETALL', keys.spread(level, bucket, parsePlace(name), of)]),
  )) as readonly (readonly string[])[]
  for (const [index, { name, of }] of asked.entries()) {
    const fields = spreads[index] ?? []
    for (let at = 0; at < fields.length; at += 2)
      kept.set(spreadName(of, fields[at] ?? '', name), Number(fields[at + 1]))
  }
  return kept
}

function spreadName(of: SpreadOf, field: string, name: string): string {
  return `${of}:${field} ${name}`
}

async function countTasks(connection: Connection, bucket: number): Promise<Counts> {
  const counted: Counts = new Map()
  const end = `(${firstIdAt(bucket + minuteMs)}`
  for (let from = `[${firstIdAt(bucket)}`; ;) {
    const range = ['ZRANGEBYLEX', connection.keys.ids(), from, end, 'LIMIT', 0, tasksAtOnce] as const
    const taskIds = (await connection.command(...range)) as readonly string[]
    const heads = await connection.run(readTasks, [summaryFields.length, ...summaryFields, ...taskIds])
    for (let at = 0; at < taskIds.length; at += 1) {
      const head = (heads as readonly (string | null)[])[at * summaryFields.length]
      if (typeof head === 'string') countTask(counted, head)
    }
    const last = taskIds.at(-1)
    if (last === undefined || taskIds.length < tasksAtOnce) return counted
    from = `(${last}`
  }
}

function countTask(counted: Counts, head: string): void {
  const task = decodeSummary(head, null) as Countable & CountPlace
  const name = placeName(task)
  add(counted, countMark + name, 1)
  for (const [of, value] of [['duration', countedDuration(task)] as const, ['wait', countedWait(task)] as const]) {
    if (value === null) continue
    add(counted, spreadName(of, String(binOf(value)), name), 1)
    add(counted, spreadName(of, 's', name), value)
  }
}

async function countFiner(connection: Connection, { index, bucket }: BucketPlace): Promise<Counts> {
  const finer = levels[index - 1] ?? 0
  const end = levels[index] === 0 ? '+inf' : `(${bucket + (levels[index] ?? 0)}`
  const buckets = await connection.command('ZRANGEBYSCORE', connection.keys.buckets(finer), bucket, end)
  const counted: Counts = new Map()
  for (const each of buckets as readonly string[]) {
    for (const [field, value] of await readKept(connection, finer, Number(each))) add(counted, field, value)
  }
  return counted
}

function add(counts: Counts, field: string, amount: number): void {
  counts.set(field, (counts.get(field) ?? 0) + amount)
}

/** Sums that were added to and subtracted from for long are not exact to the last digit. */
function isEqual(a: number, b: number): boolean {
  return Math.abs(a - b) <= 0.001 + 1e-6 * Math.max(Math.abs(a), Math.abs(b))
}

function isSame(a: Counts, b: Counts): boolean {
  if (a.size !== b.size) return false
  for (const [field, value] of a) if (b.get(field) !== value) return false
  return true
}
