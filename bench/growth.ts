import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { sqlite, type ListQuestion, type Store, type TaskViews } from '@taskloom/engine/store'
import { anyTask, parseSearch, type Cursor, type TaskFilter } from '@taskloom/protocol'
import { buildHistory, historyEnd } from './histories.ts'

export interface GrowthOptions {
  readonly small: number
  readonly large: number
  readonly rounds: number
  /** Where histories are kept between runs; a temporary folder, removed at the end, when absent. */
  readonly folder?: string
}

export interface GrowthLine {
  readonly question: string
  readonly smallMs: number
  readonly largeMs: number
  readonly ratio: number
  readonly limit: number
}

interface Question {
  readonly name: string
  /** How many times slower the large history may be. */
  readonly limit: number
  ask(views: TaskViews, places: Places): Promise<unknown>
}

/** What a question needs to know of the history it is asked about. */
interface Places {
  readonly middle: Cursor | null
  readonly taskId: string
}

const steady = 3
const searching = 30
const since = historyEnd - 86_400_000
const firstDayEnd = historyEnd - 29 * 86_400_000

/** Asks both histories every question in turn and compares the medians. */
export async function measureGrowth({ small, large, rounds, folder }: GrowthOptions): Promise<readonly GrowthLine[]> {
  const home = folder ?? mkdtempSync(join(tmpdir(), 'taskloom-growth-'))
  const stores: Store[] = []
  try {
    for (const count of [small, large]) stores.push(await openHistory(join(home, `${count}.db`), count))
    const [few, many] = stores
    if (!few || !many) throw new Error('Two histories are needed')
    return await compareGrowth(few.views, many.views, rounds)
  } finally {
    for (const store of stores) await store.close()
    if (folder === undefined) rmSync(home, { recursive: true, force: true })
  }
}

/** The same for histories that are stored already; `only` questions whose name holds it. */
export async function compareGrowth(
  smallViews: TaskViews,
  largeViews: TaskViews,
  rounds: number,
  only = '',
): Promise<readonly GrowthLine[]> {
  const few = { views: smallViews, places: await findPlaces(smallViews) }
  const many = { views: largeViews, places: await findPlaces(largeViews) }
  const lines: GrowthLine[] = []
  for (const question of questions.filter(({ name }) => name.includes(only))) {
    const times: { few: number[]; many: number[] } = { few: [], many: [] }
    for (let round = 0; round < rounds + 2; round += 1) {
      const fewMs = await timed(() => question.ask(few.views, few.places))
      const manyMs = await timed(() => question.ask(many.views, many.places))
      // The first two rounds warm up caches and statements.
      if (round < 2) continue
      times.few.push(fewMs)
      times.many.push(manyMs)
    }
    const [smallMs, largeMs] = [median(times.few), median(times.many)]
    lines.push({ question: question.name, smallMs, largeMs, ratio: largeMs / smallMs, limit: question.limit })
  }
  return lines
}

export function formatGrowth(
  lines: readonly GrowthLine[],
  { small, large }: Pick<GrowthOptions, 'small' | 'large'>,
): string {
  const row = (cells: readonly string[]) =>
    cells.map((cell, i) => (i === 0 ? cell.padEnd(34) : cell.padStart(12))).join('')
  return [
    row(['question', `${small}`, `${large}`, 'ratio', 'limit']),
    ...lines.map(({ question, smallMs, largeMs, ratio, limit }) => {
      const verdict = ratio <= limit ? '' : '  missed'
      return (
        row([question, `${smallMs.toFixed(2)} ms`, `${largeMs.toFixed(2)} ms`, `${ratio.toFixed(1)}×`, `${limit}×`]) +
        verdict
      )
    }),
  ].join('\n')
}

const questions: readonly Question[] = [
  list('list', {}),
  list('list, oldest first', { order: 'asc' }),
  list('list by duration', { sort: 'duration' }),
  list('list by function', { sort: 'func_name', order: 'asc' }),
  list('list by end', { sort: 'end_time' }),
  list('list by start', { sort: 'start_time', order: 'asc' }),
  list('list by status', { sort: 'status' }),
  list('list by priority', { sort: 'priority' }),
  list('list by retries', { sort: 'retries_used' }),
  list('filter status', { filter: { statuses: ['failed'] } }),
  list('filter two statuses', { filter: { statuses: ['failed', 'interrupted'] } }),
  list('filter function', { filter: { funcNames: ['charge_card'] } }),
  list('filter function and status', { filter: { funcNames: ['charge_card'], statuses: ['failed'] } }),
  list('filter function, by duration', { filter: { funcNames: ['charge_card'] }, sort: 'duration' }),
  list('filter function, shortest first', { filter: { funcNames: ['import_csv'] }, sort: 'duration', order: 'asc' }),
  list('filter status, by duration', { filter: { statuses: ['failed'] }, sort: 'duration' }),
  list('filter function and status, by dur.', {
    filter: { funcNames: ['charge_card'], statuses: ['failed'] },
    sort: 'duration',
  }),
  list('filter queue, by duration', { filter: { queues: ['webhooks'] }, sort: 'duration' }),
  list('filter function, by end', { filter: { funcNames: ['charge_card'] }, sort: 'end_time' }),
  list('filter first 24 h, by end', { filter: { until: firstDayEnd }, sort: 'end_time' }),
  list('filter first 24 h, by start', { filter: { until: firstDayEnd }, sort: 'start_time' }),
  list('filter last 24 h, by end ascending', { filter: { since }, sort: 'end_time', order: 'asc' }),
  list('filter queue', { filter: { queues: ['imports'] } }),
  list('filter source', { filter: { sources: ['retry'] } }),
  list('filter tag', { filter: { tags: [{ key: 'env', value: 'prod' }] } }),
  list('filter worker', { filter: { workerIds: ['worker-19'] } }),
  list('filter last 24 h', { filter: { since } }),
  list('filter last 24 h, by duration', { filter: { since }, sort: 'duration' }),
  { name: 'deep page', limit: steady, ask: (views, { middle }) => views.list({ ...page, cursor: middle }) },
  { name: 'detail', limit: steady, ask: (views, { taskId }) => views.detail(taskId) },
  { name: 'metrics', limit: steady, ask: (views) => views.metrics(anyTask) },
  { name: 'metrics, one status', limit: steady, ask: (views) => views.metrics({ ...anyTask, statuses: ['failed'] }) },
  {
    name: 'metrics, last 24 h',
    limit: steady,
    ask: (views) => views.metrics({ ...anyTask, since: since + 7 * 60_000 }),
  },
  { name: 'types', limit: steady, ask: (views) => views.types(anyTask) },
  { name: 'queues', limit: steady, ask: (views) => views.queues() },
  chart('timeline 24 h by hour', 86_400_000, 3_600_000),
  chart('timeline 24 h by half hour', 86_400_000, 1_800_000),
  chart('timeline 7 d by three hours', 7 * 86_400_000, 3 * 3_600_000),
  chart('timeline 30 d by half a day', 30 * 86_400_000, 43_200_000),
  chart('timeline 1 h by minute', 3_600_000, 60_000),
  search('search function', () => 'mail'),
  search('search nothing', () => 'zzz'),
  search('search start of id', ({ taskId }) => taskId.slice(0, 18)),
  search('search end of id', ({ taskId }) => taskId.slice(-8)),
  search('search four digits', ({ taskId }) => taskId.slice(-4)),
  search('search error', () => 'error:"card declined"'),
  search('search rare error', () => 'error:nowhere'),
  search('search tag', () => 'tag.env:stag*'),
  search('search args', () => 'args.user.id:42'),
  search('search several', () => 'mail -tag.env:prod error:timeout'),
]

const page: ListQuestion = { filter: anyTask, sort: 'created_at', order: 'desc', limit: 30, cursor: null }

function list(
  name: string,
  { filter = {}, ...changes }: Partial<Omit<ListQuestion, 'filter'>> & { readonly filter?: Partial<TaskFilter> },
): Question {
  return {
    name,
    limit: steady,
    ask: (views) => views.list({ ...page, ...changes, filter: { ...anyTask, ...filter } }),
  }
}

function chart(name: string, lengthMs: number, bucketMs: number): Question {
  const question = {
    filter: anyTask,
    since: historyEnd - lengthMs,
    until: historyEnd,
    bucketMs,
    group: 'status',
  } as const
  return { name, limit: steady, ask: (views) => views.timeline(question) }
}

function search(name: string, queryOf: (places: Places) => string): Question {
  return {
    name,
    limit: searching,
    ask: (views, places) => views.list({ ...page, filter: { ...anyTask, search: parseSearch(queryOf(places)) } }),
  }
}

async function openHistory(path: string, count: number): Promise<Store> {
  if (!existsSync(path)) buildHistory(path, count)
  const store = sqlite(path)
  await store.open()
  return store
}

/** A cursor into the middle of the history, five pages on from a task of that day. */
async function findPlaces(views: TaskViews): Promise<Places> {
  const until = historyEnd - 15 * 86_400_000
  const filter = { ...anyTask, until }
  const { tasks } = await views.list({ ...page, filter })
  const start = tasks[0]
  if (!start) throw new Error('The history is empty')
  let middle: Cursor | null = { direction: 'next', value: start.createdAt, taskId: start.taskId }
  for (let turned = 0; turned < 5; turned += 1) middle = (await views.list({ ...page, cursor: middle })).next
  return { middle, taskId: start.taskId }
}

async function timed(ask: () => Promise<unknown>): Promise<number> {
  const startedMs = performance.now()
  await ask()
  return performance.now() - startedMs
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}

const isMain = process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href
if (isMain) {
  const [small = 10_000, large = 1_000_000, rounds = 15] = process.argv.slice(2).map(Number)
  const options = { small, large, rounds }
  process.stdout.write(`${formatGrowth(await measureGrowth(options), options)}\n`)
}
