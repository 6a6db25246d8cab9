import type { ErrorGroup, LockView, QueueCount, QueueSparkline, QueueView, WorkerView } from '@taskloom/protocol'
import { TaskError } from '../core/errors.ts'
import type { Act, ErrorsQuestion } from '../server/source.ts'
import type { LoadAnswer, PausedQueue, WorkerFunctions, WorkerState } from '../stores/store.ts'
import { auditDraft } from './audit-draft.ts'
import type { SourceParts } from './parts.ts'

const minuteMs = 60_000
const throughputMs = 5 * minuteMs
/** Tasks that were created within so long are recent. */
const recentMs = 7 * 86_400_000
const maxLocks = 500
const sparkMs = 60 * minuteMs
const sparkBucketMs = 2 * minuteMs
const maxSparklines = 500
const maxNameLength = 100

export async function readQueues(parts: SourceParts): Promise<readonly QueueView[]> {
  const [{ names, view }, sparkOf] = await Promise.all([lookAtQueues(parts), readSparklines(parts)])
  const shown = [...names].sort().map(view)
  return shown.length > maxSparklines ? shown : shown.map((queue) => ({ ...queue, sparkline: sparkOf(queue.queue) }))
}

/** What became of the tasks of the last hour, queue by queue, read from roll-ups. */
async function readSparklines({ store, clock }: SourceParts): Promise<(queue: string) => QueueSparkline> {
  const until = Math.ceil((clock.now() + 1) / sparkBucketMs) * sparkBucketMs
  const since = until - sparkMs
  const found = await store.views.ends({ since, until, bucketMs: sparkBucketMs })
  const ends = new Map(found.map((one) => [one.queue, one]))
  const none = Array.from({ length: sparkMs / sparkBucketMs }, () => 0)
  return (queue) => {
    const { ended = none, failed = none } = ends.get(queue) ?? {}
    return { since, bucketMs: sparkBucketMs, ended, failed }
  }
}

/** Pauses or resumes a queue, which need not have had a task yet. */
export async function setQueuePaused(
  parts: SourceParts,
  queue: string,
  isPaused: boolean,
  act: Act,
): Promise<QueueView> {
  const { queueControls, clock } = parts
  if (queue.length > maxNameLength || queue.includes('\0')) {
    const message = `A queue has a name of at most ${maxNameLength} characters`
    throw new TaskError('bad_option', { message, option: 'name' })
  }
  const deed = { action: isPaused ? 'queue_pause' : 'queue_resume', target: queue }
  const audit = auditDraft(act, deed, clock.now())
  if (isPaused) await queueControls.pause(queue, act.actor, audit)
  else await queueControls.resume(queue, audit)
  return (await lookAtQueues(parts)).view(queue)
}

export async function readWorkers({ store, clock }: SourceParts): Promise<readonly WorkerView[]> {
  const now = clock.now()
  const workers = await store.workers.list()
  return workers.map((worker) => viewWorker(worker, now)).sort((a, b) => (a.workerId < b.workerId ? -1 : 1))
}

export async function readLocks({ store }: SourceParts): Promise<readonly LockView[]> {
  return store.locks.list(maxLocks)
}

export async function readErrors(
  { store, clock }: SourceParts,
  { since, funcName = null }: ErrorsQuestion,
): Promise<readonly ErrorGroup[]> {
  const groups = await store.views.errors({ now: clock.now(), since })
  return funcName === null ? groups : groups.filter(({ functions }) => functions.includes(funcName))
}

/** What waits, runs, ends and came lately. */
export function readLoad({ store }: Pick<SourceParts, 'store'>, now: number): Promise<LoadAnswer> {
  const recentSince = Math.floor((now - recentMs) / minuteMs) * minuteMs
  return store.views.load({ now, endedSince: now - throughputMs, recentSince })
}

/** What a live process can run. */
export interface Serving extends WorkerFunctions {
  /** Queues that it limits or that its functions use. */
  readonly queues: readonly string[]
}

/** What live processes can run, as far as they have said it. */
export async function readServing({ store }: Pick<SourceParts, 'store'>, now: number): Promise<readonly Serving[]> {
  const [workers, functions] = await Promise.all([store.workers.list(), store.workers.functions()])
  const live = new Map(workers.filter(({ leaseUntil }) => leaseUntil > now).map((worker) => [worker.workerId, worker]))
  return functions.flatMap((said) => {
    const worker = live.get(said.workerId)
    return worker ? [{ ...said, queues: worker.facts?.queues ?? [] }] : []
  })
}

async function lookAtQueues(parts: SourceParts) {
  const { store, clock } = parts
  const now = clock.now()
  const [counts, load, paused, serving] = await Promise.all([
    store.views.queues(),
    readLoad(parts, now),
    store.queueControls.paused(),
    readServing(parts, now),
  ])
  const names = new Set([...counts, ...load.queues, ...paused].map(({ queue }) => queue))
  return { names, view: viewerOf(parts, { now, counts, load, paused, serving }) }
}

interface QueueFacts {
  readonly now: number
  readonly counts: readonly QueueCount[]
  readonly load: LoadAnswer
  readonly paused: readonly PausedQueue[]
  readonly serving: readonly Serving[]
}

function viewerOf({ limits, maxPending }: SourceParts, facts: QueueFacts): (queue: string) => QueueView {
  const { now, load, serving } = facts
  const minutes = Math.max(1_000, now - load.endedFrom) / minuteMs
  const counts = new Map(facts.counts.map((one) => [one.queue, one]))
  const loads = new Map(load.queues.map((one) => [one.queue, one]))
  const pauses = new Map(facts.paused.map((one) => [one.queue, one]))
  const functions = functionsByQueue(load)
  const known = serving.map(({ queues, funcNames }) => ({ queues: new Set(queues), funcNames: new Set(funcNames) }))
  return (queue) => {
    const { oldestDueAt = null, ended = 0 } = loads.get(queue) ?? {}
    const paused = pauses.get(queue)
    const names = functions.get(queue) ?? []
    const serves = known.filter(
      ({ queues, funcNames }) => queues.has(queue) || names.some((name) => funcNames.has(name)),
    )
    const counted = counts.get(queue) ?? { queue, counts: {}, total: 0 }
    const rateLimit = limits.get(queue)?.rateLimit ?? null
    return {
      ...counted,
      oldestWait: oldestDueAt === null ? null : Math.max(0, now - oldestDueAt),
      throughput: Math.round((ended / minutes) * 100) / 100,
      concurrency: limits.get(queue)?.concurrency ?? null,
      paused: paused !== undefined,
      pausedAt: paused?.since ?? null,
      pausedBy: paused?.by ?? null,
      workers: serves.length,
      noWorker: serves.length === 0 && (counted.counts['pending'] ?? 0) > 0,
      rateLimit: rateLimit && { max: rateLimit.max, per: rateLimit.perMs },
      maxPending,
    }
  }
}

function functionsByQueue({ cells }: LoadAnswer): ReadonlyMap<string, readonly string[]> {
  const functions = new Map<string, string[]>()
  for (const { queue, funcName } of cells) {
    const known = functions.get(queue)
    if (known) known.push(funcName)
    else functions.set(queue, [funcName])
  }
  return functions
}

function viewWorker(worker: WorkerState, now: number): WorkerView {
  const { workerId, hostname, pid, startedAt, heartbeatAt, leaseUntil, facts = null } = worker
  const isStale = leaseUntil <= now
  return {
    workerId,
    hostname,
    pid,
    version: facts?.version ?? null,
    queues: facts?.queues ?? [],
    concurrency: facts?.concurrency ?? null,
    running: facts?.running ?? null,
    startedAt,
    uptime: Math.max(0, (isStale ? heartbeatAt : now) - startedAt),
    lastHeartbeat: heartbeatAt,
    status: isStale ? 'stale' : facts?.isStopping ? 'stopping' : 'active',
    cpuPercent: facts?.cpuPercent ?? null,
    rssBytes: facts?.rssBytes ?? null,
    eventLoopLagMs: facts?.eventLoopLagMs ?? null,
    functions: facts?.functions ?? null,
  }
}
