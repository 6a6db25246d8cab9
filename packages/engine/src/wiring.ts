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
import { Dispatcher } from './run/dispatcher.ts'
import { Enqueuer } from './run/enqueuer.ts'
import { Executors } from './run/executors.ts'
import { HostEnqueuer } from './run/host-enqueuer.ts'
import { Housekeeping } from './run/housekeeping.ts'
import { Life } from './run/life.ts'
import { Onion } from './run/middleware.ts'
import { Mint } from './run/mint.ts'
import { Outbox } from './run/outbox.ts'
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
import { openRecord } from './source/shown-data.ts'

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
    onSettled: (next, isUnused) => {
      if (next?.status === 'pending') dispatcher.offer(next, isUnused)
      dispatcher.ended()
    },
  })
  const dispatcher = new Dispatcher({
    ...base,
    concurrency: options.concurrency,
    queues: options.queues,
    doorOf: (definition) => executors.doorOf(definition),
    isBehind: () => runner.isBehind,
    start: (record, definition) => runner.start(record, definition),
  })
  const presence = new Presence({
    ...base,
    report: new SelfReport({ registry, dispatcher, queues: options.queues }),
    hostname: hostname(),
    pid,
    onRequeued: (record) => dispatcher.offer(record),
    onBeat: () => {
      if (store.supports.sharing) void runner.follow()
      if (store.supports.sharing) dispatcher.wake()
      operations.wake()
    },
    onClockMoved: () => {
      dispatcher.wake()
      scheduler.recheck()
    },
  })
  const queueControls = new QueueControls({
    ...base,
    onChange: (paused) => {
      dispatcher.pause(paused)
      runner.holdBack(paused)
      executors.holdBack(paused)
    },
  })
  const mint = new Mint({ ...base, dispatcher, runner })
  const scheduler: Scheduler = new Scheduler({ ...base, enqueue: (name, slotAt) => enqueuer.slot(name, slotAt) })
  const requests = new RequestScopes({ ...base, dispatcher, mint })
  const retention = options.retentionDays === null ? null : new Retention(base, options.retentionDays)
  const parts = { ...base, runner, dispatcher, presence, queueControls, mint, scheduler, requests }
  const hostEnqueuer: HostEnqueuer = new HostEnqueuer({ ...parts, requireOpen: () => life.requireOpen() })
  const ready = (): Promise<void> => life.ready()
  const panels = new Panels(base.clock)
  const sourceParts = { ...parts, panels, ready, limits: options.queues }
  const actions = new Actions(sourceParts)
  const operations: OperationWorker = new OperationWorker({ ...sourceParts, actions, perSecond: options.bulkPerSecond })
  const life: Life = new Life({ ...parts, executors, retention, hostEnqueuer, operations })
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
    wait,
  }
}

/** What nearly every part is given. */
function wireBase({ store, clock, maxPending, keyring, carrier, openTelemetry, told }: ParsedOptions) {
  const events = new EventHub()
  const feed = new Feed(randomEpoch(), (error) => events.fault('a listener of the feed', error))
  const observers = told.observers.length === 0 ? null : new Observers(told.observers, clock, events)
  const announcer = new Announcer(feed, events, observers)
  const spans = openTelemetry ? new Spans((error) => events.fault('making OpenTelemetry spans', error)) : null
  const outbox = told.durable.length === 0 ? null : new Outbox({ store, clock, events }, told.durable)
  const workerId = new IdSource(fillRandom).next(clock.now())
  const writes = new WriteQueue(store, outbox, (error) => events.fault('going on after a write', error))
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
    registry,
    workerId,
    writes,
    backlog,
  }
}
