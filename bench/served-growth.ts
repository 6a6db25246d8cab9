import { median } from './figures.ts'
import { questions, type Question } from './questions.ts'
import type { ServedHistory } from './served.ts'

export interface ServedGrowth {
  readonly name: string
  readonly smallMs: number
  readonly largeMs: number
  readonly ratio: number
  readonly bound: number
}

const rounds = 25

interface Row {
  readonly task_id: string
  readonly func_name: string
  readonly queue: string
  readonly worker_id: string | null
  readonly tags: Readonly<Record<string, string>>
}

/** Each question over HTTP to both servers in turn: median milliseconds from request to the last byte. */
export async function measureServedGrowth(
  small: ServedHistory,
  large: ServedHistory,
): Promise<readonly ServedGrowth[]> {
  const fillSmall = await samples(small)
  const fillLarge = await samples(large)
  const growth: ServedGrowth[] = []
  for (const question of questions) {
    const times = { small: [] as number[], large: [] as number[] }
    for (let round = 0; round < rounds + 2; round += 1) {
      const smallMs = await ask(small, fillSmall(question))
      const largeMs = await ask(large, fillLarge(question))
      // The first two rounds warm statements and pages.
      if (round < 2) continue
      times.small.push(smallMs)
      times.large.push(largeMs)
    }
    const smallMs = median(times.small)
    const largeMs = median(times.large)
    growth.push({ name: question.name, smallMs, largeMs, ratio: largeMs / smallMs, bound: question.bound })
  }
  return growth
}

/** Puts real values of this history into a question: a cursor from its middle, a tag, a worker, parts of an id. */
async function samples(served: ServedHistory): Promise<(question: Question) => string> {
  const page = async (query: string): Promise<{ tasks: Row[]; next_cursor: string }> =>
    (await (await fetch(`${served.origin}${query}`)).json()) as { tasks: Row[]; next_cursor: string }
  const newest = await page('?limit=500')
  const middle = new Date(Date.parse('2026-06-30T12:00:00Z') - 15 * 86_400_000).toISOString()
  const deep = await page(`?until=${middle}&limit=1`)
  const tagged = newest.tasks.find((task) => Object.keys(task.tags).length > 0)
  const worked = newest.tasks.find((task) => task.worker_id !== null)
  const row = newest.tasks[250]
  if (!tagged || !worked || !row) throw new Error('The history lacks tags or workers')
  const [tag] = Object.entries(tagged.tags)
  const values: Record<string, string> = {
    cursor: deep.next_cursor,
    func: 'send_mail',
    queue: 'media',
    tag: tag!.join(':'),
    worker: worked.worker_id!,
    word: 'thumb',
    suffix: row.task_id.slice(-8),
    prefix: row.task_id.slice(0, 18),
  }
  return (question) => question.path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(values[key] ?? ''))
}

async function ask(served: ServedHistory, path: string): Promise<number> {
  const startedAt = performance.now()
  const response = await fetch(`${served.origin}${path}`)
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`${path} answered ${response.status}`)
  return performance.now() - startedAt
}
