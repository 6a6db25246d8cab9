import { setTimeout as sleep } from 'node:timers/promises'
import { TaskManager } from '@taskloom/engine'
import type { Store } from '@taskloom/engine/store'
import { anyTask, type TaskStatus } from '@taskloom/protocol'
import Database from 'better-sqlite3'
import { readAll } from '../fleet/verdicts.ts'
import { Crew } from './crew.ts'
import { eventsOf, furthestAhead, type TimedEvent } from './events.ts'
import { clockSetter, machineClock } from './machine-clock.mjs'
import type { Place } from './place.ts'
import { functions, type Timetable } from './timetable.ts'
import { judge, type Evidence, type Verdict } from './verdict.ts'

/** An hour takes four minutes: a lease of 15 seconds is over after one. */
export const speed = 15
/** Delays and retries are shorter than this, in milliseconds of the engine. */
const longestWaitMs = 20_000
/** In this time everything has come to its end, or never will; on a machine with much else to do, too. */
const settlesWithinMs = 30_000
const lookEveryMs = 40
const statuses: readonly TaskStatus[] = ['pending', 'running', 'success', 'failed', 'cancelled', 'interrupted']

/** What a run came to. */
export interface Outcome extends Verdict {
  readonly tasks: number
  readonly interrupted: number
  readonly tookMs: number
}

/** Lets a timetable happen in this place, waits until it is quiet, and judges what is left. */
export async function runSeed(timetable: Timetable, place: Place): Promise<Outcome> {
  const startedAt = performance.now()
  const time = { beganAt: Date.now(), speed, clockFile: place.clockFile }
  const setClock = clockSetter(place.clockFile)
  const { ledgerFile, kind, url } = place
  const { tickSeconds } = timetable
  const crew = new Crew({ kind, url, ledgerFile, functions, tickSeconds, ...time })
  const store = await place.open()
  const observer = new TaskManager({ store, clock: machineClock(time), work: false })
  try {
    await Promise.all(timetable.processes.map(({ name, failing }) => crew.boot(name, failing)))
    await perform(timetable, { crew, place, setClock })
    await rest(timetable, crew)
    setClock(furthestAhead(timetable) + longestWaitMs)
    await observer.open()
    const leftBehind = await settle(observer)
    await shutDownAll(crew)
    // A slot that was just being enqueued as its schedule was paused is run by the next process.
    if ((await findOpen(observer)).length > 0) {
      await crew.boot('next', [])
      leftBehind.push(...(await settle(observer)))
      await shutDownAll(crew)
    }
    const evidence = await gather(observer, store, place, { leftBehind, fallen: crew.fallen })
    const interrupted = evidence.records.filter(({ interruptions }) => interruptions > 0).length
    const tookMs = performance.now() - startedAt
    return { ...judge(timetable, evidence), tasks: evidence.records.length, interrupted, tookMs }
  } finally {
    await crew.end()
    await observer.shutdown()
    await place.remove()
  }
}

interface Stage {
  readonly crew: Crew
  readonly place: Place
  readonly setClock: (offsetMs: number) => void
}

async function perform(timetable: Timetable, stage: Stage): Promise<void> {
  const beganAt = performance.now()
  const open: Promise<unknown>[] = []
  let offsetMs = 0
  for (const event of eventsOf(timetable)) {
    await sleep(Math.max(0, beganAt + event.atMs - performance.now()))
    if (event.do === 'set clock') stage.setClock((offsetMs += event.byMs))
    else open.push(bringAbout(event, stage))
  }
  await sleep(Math.max(0, beganAt + timetable.lengthMs - performance.now()))
  await Promise.all(open)
}

async function bringAbout(event: Exclude<TimedEvent, { readonly do: 'set clock' }>, stage: Stage): Promise<void> {
  const { crew, place } = stage
  switch (event.do) {
    case 'boot':
      return crew.boot(event.whom, event.failing)
    case 'kill':
      return crew.kill(event.whom)
    case 'freeze':
      return crew.freeze(event.whom)
    case 'thaw':
      return crew.thaw(event.whom)
    case 'shut down':
      return crew.shutDown(event.whom, event.patienceMs)
    case 'lock file':
      return lockFile(place.url, event.forMs)
    case 'fill disk':
    case 'make room':
      return void crew.tell(event.whom, { do: event.do })
    case 'enqueue':
      return void crew.tell(event.by, { do: event.do, together: event.together, tasks: event.tasks })
    case 'cancel':
    case 'retry':
    case 'run now': {
      const [, id] = place.facts().find(([word, , label]) => word === 'ack' && label === event.label) ?? []
      return void (id !== undefined && crew.tell(event.by, { do: event.do, id }))
    }
  }
}

/** As another program does that writes into the same file. */
async function lockFile(file: string, forMs: number): Promise<void> {
  const db = new Database(file, { timeout: 0 })
  try {
    await insist(() => db.exec('BEGIN IMMEDIATE'))
    await sleep(forMs)
    db.exec('COMMIT')
  } finally {
    db.close()
  }
}

/** Others write, too: it gets its turn between two of them. */
async function insist(act: () => unknown): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return void act()
    } catch (error) {
      if (tries === 500) throw error
      await sleep(1 + (tries % 5))
    }
  }
}

/** Ends what makes trouble and new work; everybody lives. */
async function rest({ processes }: Timetable, crew: Crew): Promise<void> {
  for (const { name } of processes) {
    crew.thaw(name)
    await crew.boot(name, [])
    crew.tell(name, { do: 'make room' })
  }
  const [first] = crew.names
  if (first !== undefined) await crew.ask(first, { do: 'rest' }, 'resting')
}

async function shutDownAll(crew: Crew): Promise<void> {
  await Promise.all(crew.names.map((name) => crew.shutDown(name, 5_000)))
}

/** Waits until nothing waits or runs and nothing is left behind; what still is after a while, in words. */
async function settle(observer: TaskManager): Promise<string[]> {
  const giveUpAt = performance.now() + settlesWithinMs
  for (;;) {
    const left = await findOpen(observer)
    if (left.length === 0 || performance.now() > giveUpAt) return left
    await sleep(lookEveryMs)
  }
}

async function findOpen(observer: TaskManager): Promise<string[]> {
  const { pending, running } = await observer.source.metrics(anyTask)
  if (pending + running > 0) return [`${pending} pending, ${running} running`]
  const { workers, orphans, locks, attempts, logs, tags } = await observer.cleanup({ dryRun: true })
  return Object.entries({ workers, orphans, locks, attempts, logs, tags }).flatMap(([kind, { found }]) =>
    found > 0 ? [`${found} ${kind}`] : [],
  )
}

async function gather(
  observer: TaskManager,
  store: Store,
  place: Place,
  heard: Pick<Evidence, 'leftBehind' | 'fallen'>,
): Promise<Evidence> {
  const metrics = await observer.source.metrics(anyTask)
  const { differing } = await observer.reconcile({ dryRun: true })
  const { broken } = await observer.verifyAudit()
  return {
    ...heard,
    facts: place.facts(),
    records: await readAll(store),
    counts: Object.fromEntries(statuses.map((status) => [status, metrics[status]])),
    differing,
    isAuditWhole: broken === null,
  }
}
