import fc from 'fast-check'
import { matchesFilter, parseFilter, taskStatuses, type LiveEvent, type TaskSummary } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { LiveHub } from '../../packages/engine/src/server/live.ts'
import { streamOf } from '../../packages/engine/src/server/live/stream.ts'
import { readOptions } from '../../packages/engine/src/server/options.ts'
import { ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { HandClock, LiveReader } from './live-reader.ts'
import { nobody } from './live-scene.ts'

/** What a client keeps: rows by id, never going backwards, and where its stream ended. */
class Model {
  readonly rows = new Map<string, TaskSummary>()
  lastEventId: string | null = null
  refetches = 0
  constructor(private readonly refetch: () => Promise<readonly TaskSummary[]>) {}

  async apply(event: LiveEvent): Promise<void> {
    const isLost =
      event.event === 'reset' ||
      (event.event === 'hello' && this.lastEventId === null) ||
      (event.event === 'tasks' && event.data.overflow !== null)
    if (isLost) await this.load()
    if (event.event === 'tasks') {
      for (const task of event.data.changed) {
        if (task.version >= (this.rows.get(task.taskId)?.version ?? 0)) this.rows.set(task.taskId, task)
      }
      for (const taskId of event.data.removed) this.rows.delete(taskId)
    }
    if (event.id !== null) this.lastEventId = event.id
  }

  private async load(): Promise<void> {
    this.refetches += 1
    this.rows.clear()
    for (const task of await this.refetch()) this.rows.set(task.taskId, task)
  }
}

type Step =
  | { readonly kind: 'add'; readonly count: number }
  | { readonly kind: 'change'; readonly at: number; readonly status: (typeof taskStatuses)[number] }
  | { readonly kind: 'delete'; readonly at: number }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'cut'; readonly heard: number }

/** Mostly the same few tasks, so that they come and go within one beat. */
const at = fc.oneof({ weight: 3, arbitrary: fc.nat(2) }, { weight: 1, arbitrary: fc.nat(1_000) })

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('add' as const), count: fc.integer({ min: 1, max: 3 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('add' as const), count: fc.integer({ min: 190, max: 260 }) }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('change' as const),
      at,
      status: fc.constantFrom(...taskStatuses),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delete' as const), at }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(0, 30, 100, 20_000) }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('cut' as const), heard: fc.nat(4) }) },
)

const queries = ['', 'status=failed', 'status=running&status=pending', 'q=-func:work', 'q=func:wo*', 'q=args.id:1']

describe('after any cuts the rows of a reader equal the list', () => {
  it.each(queries)('of %j', async (query) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { model, shown } = await live(query, steps)
        const list = await shown()
        const byId = (a: TaskSummary, b: TaskSummary) => (a.taskId < b.taskId ? -1 : 1)
        expect([...model.rows.values()].sort(byId)).toEqual([...list].sort(byId))
      }),
      { numRuns: 60 },
    )
  })
})

it('a reader that is never cut and never flooded fetches once', async () => {
  const calm: Step[] = Array.from({ length: 50 }, (_, index) =>
    index % 2 ? { kind: 'advance', ms: 100 } : { kind: 'add', count: 2 },
  )
  const { model } = await live('', calm)
  expect([model.refetches, model.rows.size]).toEqual([1, 50])
})

it('a reader that comes back in time does not fetch again', async () => {
  const cuts: Step[] = Array.from({ length: 60 }, (_, index) =>
    index % 3 === 0
      ? { kind: 'cut', heard: index % 4 }
      : index % 3 === 1
        ? { kind: 'add', count: 1 }
        : { kind: 'advance', ms: 30 },
  )
  const { model } = await live('', cuts)
  expect([model.refetches, model.rows.size]).toEqual([1, 20])
})

/** Plays a script before one reader that is cut off now and then, having heard only the first events of each stream. */
async function live(query: string, steps: readonly Step[]) {
  const clock = new HandClock()
  const source = new ScriptedSource({ now: () => clock.now() })
  const hub = new LiveHub(source, readOptions({ clock }))
  const params = new URLSearchParams(query)
  const filter = parseFilter(params, clock.now())
  const ids: string[] = []
  const shown = async () => {
    const { tasks } = await source.list({ filter, sort: 'task_id', order: 'asc', limit: 100_000, cursor: null })
    return tasks
  }
  const model = new Model(shown)
  // Somebody else is always there: the beat goes on while ours is away.
  const bystander = new LiveReader(
    streamOf(
      hub.open({
        key: 'status=success',
        filterAt: () => ({ ...filter, statuses: ['success'] }),
        taskId: null,
        lastEventId: null,
        ...nobody,
      }),
    ),
  )
  let reader = connect()
  let heard = 0

  function connect(): LiveReader {
    const filterAt = () => filter
    const { lastEventId } = model
    return new LiveReader(streamOf(hub.open({ key: query, filterAt, taskId: null, lastEventId, ...nobody })))
  }
  async function hear(limit = Infinity): Promise<void> {
    while (heard < Math.min(reader.events.length, limit)) {
      await model.apply(reader.events[heard] as LiveEvent)
      heard += 1
    }
  }

  for (const next of steps) {
    if (next.kind === 'advance') {
      await clock.advance(next.ms)
    } else if (next.kind === 'cut') {
      await clock.advance(0)
      await hear(heard + next.heard)
      await reader.cancel()
      reader = connect()
      heard = 0
    } else if (next.kind === 'add') {
      for (let index = 0; index < next.count; index += 1) {
        ids.push((await source.add({ args: `[{"id":${ids.length % 2}}]` })).taskId)
      }
    } else {
      const taskId = ids[next.at % Math.max(1, ids.length)]
      if (taskId === undefined) continue
      if (next.kind === 'change') await source.change(taskId, { status: next.status })
      else
        await source
          .delete(taskId, { actor: 'script', reason: null })
          .then(() => ids.splice(ids.indexOf(taskId), 1), ignore)
    }
  }
  await clock.advance(20_000)
  await hear()
  await reader.cancel()
  await bystander.cancel()
  expect(clock.timers).toBe(0)
  expect(query.includes('args') || [...model.rows.values()].every((task) => matchesFilter(task, filter))).toBe(true)
  return { model, shown }
}

/** Only terminal tasks can be deleted; a script may try the others. */
function ignore(): void {}
