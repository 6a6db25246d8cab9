import { anyTask, type Health, type QueueView, type WorkerView } from '@taskloom/protocol'
import { TaskError } from '../../core/errors.ts'
import { countsByStatus, type Snapshot } from './snapshot.ts'
import type { Parts } from './parts.ts'

const minuteMs = 60_000
const throughputMs = 5 * minuteMs
const sparkMs = 60 * minuteMs
const sparkBucketMs = 2 * minuteMs

/** Every queue that is shown, with counts of all its jobs. */
export async function readQueues(parts: Parts): Promise<readonly QueueView[]> {
  const { window, queues, clock } = parts
  const [snapshot, workers] = await Promise.all([
    window.read(),
    queues.isRedis ? queues.each((queue) => queue.getWorkersCount()) : new Map<string, number>(),
  ])
  const now = clock.now()
  const until = Math.ceil((now + 1) / sparkBucketMs) * sparkBucketMs
  const since = until - sparkMs
  const [load, ends] = await Promise.all([
    snapshot.views.load({ now, endedSince: now - throughputMs, recentSince: now }),
    snapshot.views.ends({ since, until, bucketMs: sparkBucketMs }),
  ])
  const none = Array.from({ length: sparkMs / sparkBucketMs }, () => 0)
  const spark = new Map(ends.map((one) => [one.queue, one]))
  const loads = new Map(load.queues.map((one) => [one.queue, one]))
  return [...queues.names].sort().map((queue) => {
    const { oldestDueAt = null, ended = 0 } = loads.get(queue) ?? {}
    const count = workers.get(queue)
    const view = viewCounts(snapshot, queue)
    return {
      ...view,
      oldestWait: oldestDueAt === null ? null : Math.max(0, now - oldestDueAt),
      throughput: Math.round((ended * minuteMs * 100) / throughputMs) / 100,
      sparkline: {
        since,
        bucketMs: sparkBucketMs,
        ended: spark.get(queue)?.ended ?? none,
        failed: spark.get(queue)?.failed ?? none,
      },
      ...(count === undefined ? {} : { workers: count, noWorker: count === 0 && (view.counts['pending'] ?? 0) > 0 }),
    }
  })
}

function viewCounts(snapshot: Snapshot, queue: string): QueueView {
  const { counts = {}, isPaused = false } = snapshot.queues.get(queue) ?? {}
  const byStatus = Object.fromEntries(
    (['pending', 'running', 'success', 'failed'] as const).map((status) => [status, countsByStatus(counts, [status])]),
  )
  // Since when and by whom a queue is paused is not kept.
  return { queue, counts: byStatus, total: countsByStatus(counts, []), paused: isPaused }
}

/** Rejects with `bad_option` for a queue that is not shown here. */
export async function setPaused(parts: Parts, name: string, isPaused: boolean): Promise<QueueView> {
  const queue = await parts.queues.find(name)
  if (!queue) throw new TaskError('bad_option', { message: `There is no queue ${name} here`, option: 'name' })
  await parts.queues.within(() => (isPaused ? queue.pause() : queue.resume()))
  parts.window.touch(name, null)
  const snapshot = await parts.window.refresh()
  parts.feed.publish({ kind: 'queues' })
  return viewCounts(snapshot, name)
}

/** The workers that Redis has connections of; one of BullMQ works for one queue. */
export async function readWorkers({ queues, window, clock }: Parts): Promise<readonly WorkerView[]> {
  const [found, snapshot] = await Promise.all([queues.each((queue) => queue.getWorkers()), window.read()])
  const now = clock.now()
  const running = new Map<string, number>()
  const { tasks } = await snapshot.list({
    filter: { ...anyTask, statuses: ['running'] },
    sort: 'created_at',
    order: 'desc',
    limit: 10_000,
    cursor: null,
  })
  for (const { workerId } of tasks) if (workerId !== null) running.set(workerId, (running.get(workerId) ?? 0) + 1)
  return [...found]
    .flatMap(([queue, clients]) => clients.map((client) => viewWorker(queue, client, running, now)))
    .sort((a, b) => (a.workerId < b.workerId ? -1 : 1))
}

function viewWorker(
  queue: string,
  client: Readonly<Record<string, string>>,
  running: ReadonlyMap<string, number>,
  now: number,
): WorkerView {
  const { addr = '', rawname = '', age = '0', idle = '0' } = client
  // BullMQ says the name of a worker to Redis, and to its jobs as who processed them.
  const name = /:w:(.+)$/.exec(rawname)?.[1] ?? null
  const uptime = Number(age) * 1_000
  return {
    workerId: name ?? `${queue}@${addr}`,
    hostname: name === null ? addr : `${name} · ${addr}`,
    pid: null,
    version: null,
    queues: [queue],
    concurrency: null,
    running: name === null ? null : (running.get(name) ?? 0),
    startedAt: now - uptime,
    uptime,
    lastHeartbeat: now - Number(idle) * 1_000,
    status: 'active',
    cpuPercent: null,
    rssBytes: null,
    eventLoopLagMs: null,
    functions: null,
  }
}

/** Never rejects: that something is down is the answer. */
export async function readHealth({ queues }: Parts): Promise<Health> {
  const name = queues.backendName.toLowerCase()
  try {
    await queues.each((queue) => queue.getJobCounts('active'))
    return { status: 'ok', checks: [{ name, status: 'ok', detail: 'BullMQ' }] }
  } catch {
    return { status: 'down', checks: [{ name, status: 'down', detail: `${queues.backendName} does not answer` }] }
  }
}
