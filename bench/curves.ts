import { median } from './figures.ts'
import { questions } from './questions.ts'
import type { ServedHistory } from './served.ts'

/** How long one question takes over ever longer histories. */
export interface Curve {
  readonly name: string
  readonly points: readonly { readonly tasks: number; readonly ms: number }[]
}

/** One of each kind: what the first screen asks, what is narrowed, and what reads most. */
const asked = [
  'list, newest first',
  'list, status=failed',
  'metrics',
  'timeline, 24 h',
  'types',
  'search, nothing found',
]
const rounds = 15
const warmUps = 2

/** Asks each question of each history in turn, over HTTP; medians, in milliseconds until the last byte. */
export async function measureCurves(
  histories: readonly { readonly tasks: number; readonly served: ServedHistory }[],
): Promise<readonly Curve[]> {
  const curves: Curve[] = []
  for (const { name, path } of questions.filter((question) => asked.includes(question.name))) {
    const times = histories.map((): number[] => [])
    for (let round = -warmUps; round < rounds; round += 1) {
      for (const [index, { served }] of histories.entries()) {
        const ms = await timed(`${served.origin}${path}`)
        if (round >= 0) times[index]?.push(ms)
      }
    }
    curves.push({ name, points: histories.map(({ tasks }, index) => ({ tasks, ms: median(times[index] ?? []) })) })
  }
  return curves
}

async function timed(url: string): Promise<number> {
  const startedAt = performance.now()
  const response = await fetch(url)
  await response.arrayBuffer()
  if (!response.ok) throw new Error(`${url} answered ${response.status}`)
  return performance.now() - startedAt
}
