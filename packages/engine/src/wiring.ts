import { hostname } from 'node:os'
import { pid } from 'node:process'
import { IdSource } from './core/ids.ts'
import type { TaskRecord } from './core/record.ts'
import type { ParsedOptions } from './manager-options.ts'
import { Announcer } from './observe/announcer.ts'
import { EventHub } from './observe/events.ts'
import { Feed } from './observe/feed.ts'
import { Observers } from './observe/observers.ts'
import { Spans } from './observe/otel/spans.ts'
import { Backlog } from './run/backlog.ts'
import { fillRandom, randomEpoch } from './run/chance.ts'
import type { Dispatcher } from './queues/queue.ts'
import { Doubts } from './run/doubts.ts'
import { Enqueuer } from './run/enqueuer.ts'
import { Executors } from './run/executors.ts'
import { HostEnqueuer } from './run/host-enqueuer.ts'
import { interrupt } from './run/interrupt.ts'
import { Housekeeping } from './run/housekeeping.ts'
import { Life } from './run/life.ts'
import { Onion } from './run/middleware.ts'
import { Mint } from './run/mint.ts'
import { Outbox } from './run/outbox.ts'
import { Postage } from './run/postage.ts'
import { Presence } from './run/presence.ts'
import { QueueControls } from './run/queue-controls.ts'
import { Registry } from './run/registry.ts'
import { RequestScopes } from './run/request-scope.ts'
import { Retention } from './run/retention.ts'
import { Runner } from './run/runner.ts'
import { Scheduler } from './run/scheduler.ts'
import { SelfReport } from './run/self-report.ts'
import { WriteQueue } from './run/write-queue.ts'
import { Panels } from './server/panels.ts'
import { Actions } from './source/actions.ts'
import { createSource, type ManagerSource } from './source/manager-source.ts'
import { OperationWorker } from './source/operations/worker.ts'
import { PublicTokens } from './source/public-tokens.ts'
import { openRecord } from './source/shown-data.ts'

/** Whoever works on jobs by other tools than ours. */
const queueActor = 'the queue'

/** The parts of one manager that it speaks to itself. */
export interface Wiring {
  readonly events: EventHub
  readonly registry: Registry
  readonly observers: Observers | null
  readonly outbox: Outbox | null
  readonly onion: Onion
  readonly dispatcher: Dispatcher
  readonly requests: RequestScopes
  readonly scheduler: Scheduler
  readonly life: Life
  readonly enqueuer: Enqueuer
  readonly hostEnqueuer: HostEnqueuer
  readonly housekeeping: Housekeeping
  readonly source: ManagerSource
  readonly panels: Panels
  readonly publicTokens: PublicTokens
  /** The record of a task once it has ended, opened. */
  wait(id: string): Promise<TaskRecord>
}

/** Makes the parts and tells them of each other; opens and starts nothing. */
export function wire(options: ParsedOptions): Wiring {
  const base = wireBase(options)
  const { store, registry, events, outbox, observers } = base
  const executors = new Executors({ ...options, onRoom: () => dispatcher.goOn() })
  const onion = new Onion(executors)
  const runner: Runner = new Runner({
    ...base,
    executor: onion,
    concurrency: options.concurrency,
    onEnding: (record, how) => dispatcher.ending(record, how),
    onSettled: (taskId, next, isUnused) => dispatcher.settled(taskId, next, isUnused),
  })
  const dispatcher: Dispatcher = options.queue.connect({
    ...base,
    concurrency: options.work ? options.concurrency : 0,
    queues: options.queues,
    doorOf: (definition) => executors.doorOf(definition),
    doubt: (taskId) => doubts.add(taskId),
    isPresent: () => presence.isPresent(),
    isBehind: () => runner.isBehind,
    start: (record, definition) => runner.start(record, definition),
    runs: (taskId) => runner.has(taskId),
    isAlive: async (workerId) => (await presence.alive()).includes(workerId),
    interrupt: (record, reason) => interrupt(base, record, reason),
    cancel: async (taskId, reason) => void (await actions.cancel(taskId, { actor: queueActor, reason })),
    retry: async (taskId) =>
      void (await actions.retryOnce(taskId, { actor: queueActor, reason: null }, ['pending', 'running'])),
  })
  base.postage.queue = dispatcher
  const doubts = new Doubts({
    ...base,
    isOurs: (taskId) => runner.has(taskId) || dispatcher.knows(taskId),
    onGivenBack: (record) => dispatcher.offer(record),
  })
  const presence: Presence = new Presence({
    ...base,
    report: new SelfReport({ registry, dispatcher, queues: options.queues }),
    hostname: hostname(),
    pid,
    onRequeued: (record) => dispatcher.offer(record),
    onBeat: () => {
      if (store.supports.sharing) void runner.follow()
      if (store.supports.sharing) dispatcher.wake()
      void doubts.look()
      operations.wake()
    },
    onRenewed: () => dispatcher.goOn(),
    onClockMoved: () => {
      dispatcher.wake()
      scheduler.recheck()
    },
  })
  const queueControls = new QueueControls({
    ...base,
    onChange: async (paused) => {
      const isHeard = dispatcher.pause(paused)
      runner.holdBack(paused)
      executors.holdBack(paused)
      await isHeard
    },
  })
  const mint = new Mint({ ...base, dispatcher, runner, doubt: (taskId) => doubts.add(taskId) })
  const scheduler: Scheduler = new Scheduler({ ...base, enqueue: (name, slotAt) => enqueuer.slot(name, slotAt) })
  const requests = new RequestScopes({ ...base, dispatcher, mint })
  const retention = options.retentionDays === null ? null : new Retention(base, options.retentionDays)
  const parts = { ...base, runner, dispatcher, presence, queueControls, mint, scheduler, requests }
  const hostEnqueuer: HostEnqueuer = new HostEnqueuer({ ...parts, requireOpen: () => life.requireOpen() })
  const ready = (): Promise<void> => life.ready()
  const panels = new Panels(base.clock)
  const publicTokens = new PublicTokens({ ...base, ready, secret: options.publicTokenSecret })
  const sourceParts = {
    ...parts,
    panels,
    publicTokens,
    ready,
    limits: options.queues,
    maxPending: options.maxPending,
  }
  const actions: Actions = new Actions(sourceParts)
  const operations: OperationWorker = new OperationWorker({ ...sourceParts, actions, perSecond: options.bulkPerSecond })
  const life: Life = new Life({ ...parts, work: options.work, executors, retention, hostEnqueuer, operations })
  const enqueuer: Enqueuer = new Enqueuer({ ...parts, life })
  const source = createSource(sourceParts, actions, operations)
  const wait = async (id: string): Promise<TaskRecord> => openRecord(base.keyring, await life.wait(id))
  const housekeeping = new Housekeeping({ ...parts, ready, source, wait })
  return {
    events,
    registry,
    observers,
    outbox,
    onion,
    dispatcher,
    requests,
    scheduler,
    life,
    enqueuer,
    hostEnqueuer,
    housekeeping,
    source,
    panels,
    publicTokens,
    wait,
  }
}

/** What nearly every part is given. */
function wireBase({ store, clock, queue, maxPending, keyring, carrier, openTelemetry, told }: ParsedOptions) {
  const events = new EventHub()
  const feed = new Feed(randomEpoch(), (error) => events.fault('a listener of the feed', error))
  const observers = told.observers.length === 0 ? null : new Observers(told.observers, clock, events)
  const announcer = new Announcer(feed, events, observers)
  const spans = openTelemetry ? new Spans((error) => events.fault('making OpenTelemetry spans', error)) : null
  const outbox = told.durable.length === 0 ? null : new Outbox({ store, clock, events }, told.durable)
  const workerId = new IdSource(fillRandom).next(clock.now())
  const postage = new Postage(outbox)
  const isStamped = outbox !== null || queue.supports.distribution
  const writes = new WriteQueue(store, isStamped ? postage : null, (error) =>
    events.fault('going on after a write', error),
  )
  const backlog = new Backlog({ store, clock, events, writes, maxPending })
  if (backlog.isLimited) announcer.counter = (next, previous) => backlog.saw(next, previous)
  const registry = new Registry()
  return {
    store,
    keyring,
    carrier,
    spans,
    clock,
    events,
    feed,
    observers,
    announcer,
    outbox,
    postage,
    registry,
    workerId,
    writes,
    backlog,
  }
}
