import type { Store } from '@taskloom/engine/store'
import { anyTask, parseSearch, taskStatuses, type TaskFilter } from '@taskloom/protocol'

const hourMs = 3_600_000
const start = Date.UTC(2026, 0, 5, 12)

/**
 * What a store answers to everything that a dashboard asks: two stores with the same history answer the same. What is told
 * of the disk is left out, and floating point sums, which were added in another order, are cut.
 */
export async function everyAnswer(store: Store): Promise<unknown> {
  const { views, tasks } = store
  const { taskIds } = await views.ids({ filter: anyTask, after: null, until: '~', limit: 500 })
  const filters: readonly TaskFilter[] = [
    anyTask,
    ...taskStatuses.map((status) => ({ ...anyTask, statuses: [status] })),
    { ...anyTask, queues: ['mail'] },
    { ...anyTask, tags: [{ key: 'env', value: 'prod' }] },
    { ...anyTask, search: parseSearch('declined') },
  ]
  const window = { since: start - hourMs, until: start + 23 * hourMs }
  const timeline = { filter: anyTask, ...window, bucketMs: hourMs }
  const { sizeBytes: _, ...meters } = await views.meters({ now: start, boundsMs: [10, 1_000], named: [], limit: 50 })
  return rounded({
    records: await Promise.all(taskIds.map((id) => tasks.get(id))),
    details: await Promise.all(taskIds.map((id) => views.detail(id))),
    lineages: await Promise.all(taskIds.map((id) => views.lineage(id))),
    logs: await Promise.all(
      taskIds.map((taskId) => views.logs({ taskId, after: 0, minLevel: null, text: null, limit: 100 })),
    ),
    lists: await Promise.all(
      filters.map((filter) => views.list({ filter, sort: 'duration', order: 'asc', limit: 100, cursor: null })),
    ),
    metrics: await Promise.all(filters.map((filter) => views.metrics(filter))),
    timelines: await Promise.all(filters.map((filter) => views.timeline({ ...timeline, filter, group: 'status' }))),
    types: await views.types(anyTask),
    queues: await views.queues(),
    latency: await views.latency(timeline),
    ends: await views.ends({ ...window, bucketMs: hourMs }),
    histogram: await views.histogram(anyTask),
    lastRuns: await views.lastRuns(['nightly']),
    errors: await views.errors({ now: start + hourMs, since: null }),
    load: await views.load({ now: start, endedSince: start - hourMs, recentSince: start }),
    meters: { ...meters, meters: [...meters.meters].sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1)) },
    due: (await tasks.due({ now: start * 2, funcNames: ['work'], limit: 50 })).map(({ taskId }) => taskId),
    locks: await store.locks.list(50),
    schedule: await store.schedules.get('nightly'),
    paused: await store.queueControls.paused(),
    secret: await store.secrets.keep('public-tokens', 'fresh'),
    outbox: await store.outbox.count('hook'),
    operations: await store.operations.list(null, 50),
    audit: await store.audit.list({ cursor: null, limit: 100 }),
    about: await Promise.all(taskIds.map((taskId) => store.audit.list({ cursor: null, limit: 100, taskId }))),
    chain: await store.audit.verify({ from: 1, limit: 100 }),
  })
}

function keyOf({ funcName, queue }: { readonly funcName: string; readonly queue: string }): string {
  return JSON.stringify([funcName, queue])
}

function rounded(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (_, member: unknown) =>
      typeof member === 'number' && !Number.isInteger(member) ? Number(member.toPrecision(9)) : member,
    ),
  )
}
