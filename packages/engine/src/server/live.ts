import {
  formatLiveId,
  liveHints,
  parseLiveId,
  ProtocolError,
  type Capabilities,
  type LiveHint,
  type LivePosition,
  type TaskFilter,
  type TaskSummary,
} from '@taskloom/protocol'
import type { Change } from '../observe/feed.ts'
import { describeCapabilities } from './capabilities.ts'
import type { Caller } from './identity/caller.ts'
import { ChangeRing } from './live/change-ring.ts'
import { Channel } from './live/channel.ts'
import { closeCodes, LiveClient, type LiveReader } from './live/client.ts'
import { Delivery } from './live/delivery.ts'
import { FilterChanges } from './live/filter-changes.ts'
import { frameOf, hintFrame, type Frame } from './live/frame.ts'
import { liveLimits } from './live/limits.ts'
import { Pace } from './live/pace.ts'
import { Places } from './live/places.ts'
import { SessionWatch } from './live/session-watch.ts'
import { TaskWatch } from './live/task-watch.ts'
import type { ServerSettings } from './options.ts'
import type { TaskSource } from './source.ts'

export interface LiveRequest {
  /** Equal for requests that ask for the same filter. */
  readonly key: string
  readonly filterAt: (now: number) => TaskFilter
  /** The task whose log and progress are wanted, too. */
  readonly taskId: string | null
  readonly lastEventId: string | null
  readonly caller: Caller
  /** Whether the caller sees only some of the tasks, and so must not hear of others by their ids. */
  readonly isLimited: boolean
  /** What of a task is shown to the reader; all of it by default. */
  readonly show?: (task: TaskSummary) => TaskSummary
  /** Where the reader is; null when nobody knows. */
  readonly address: string | null
}

/** What is kept of a reader to let it go again. */
interface Membership {
  readonly key: string
  readonly taskId: string | null
  readonly caller: Caller
  readonly leavePlace: () => void
}

/**
 * Tells every open dashboard what was saved. All readers stand at the same revision (`#told`), which moves forward once
 * per beat; the ring remembers the latest changes for those who come back. Nobody connected: no timer, no query.
 */
export class LiveHub {
  readonly #source: TaskSource
  readonly #settings: ServerSettings
  readonly #channels = new Map<string, Channel>()
  readonly #watches = new Map<string, TaskWatch>()
  readonly #clients = new Map<LiveClient, Membership>()
  readonly #places: Places
  readonly #sessions: SessionWatch
  readonly #delivery = new Delivery()
  readonly #beat: Pace
  readonly #hints: Pace
  readonly #counts: Pace
  readonly #heartbeat: Pace
  readonly #elsewhere: Pace
  readonly #hinted = new Set<LiveHint>()
  #ring: ChangeRing | null = null
  #told = 0
  #unsubscribe: () => void = () => undefined
  #isCounting = false
  #isClosed = false

  constructor(source: TaskSource, settings: ServerSettings) {
    this.#source = source
    this.#settings = settings
    const { clock, gatekeeper } = settings
    const isAlive = (caller: Caller) => gatekeeper.isAlive(caller)
    this.#places = new Places(settings.limits)
    this.#sessions = new SessionWatch(clock, isAlive, (client) => this.#end(client, 'session_ended'))
    this.#beat = new Pace(clock, liveLimits.tasksEveryMs, () => this.#tell())
    this.#hints = new Pace(clock, liveLimits.hintsEveryMs, () => this.#hint())
    this.#counts = new Pace(clock, liveLimits.countsEveryMs, () => void this.#tellCounts())
    this.#heartbeat = new Pace(clock, liveLimits.heartbeatEveryMs, () => this.#keepAlive())
    this.#elsewhere = new Pace(clock, settings.pollIntervalMs, () => void this.#lookElsewhere())
  }

  /** How many readers there are. */
  get size(): number {
    return this.#clients.size
  }

  /** Takes a reader in; throws `too_many_requests` when there are too many, `unavailable` when it is closed. */
  open(request: LiveRequest, signal?: AbortSignal): LiveReader {
    if (this.#isClosed) throw new ProtocolError('unavailable', 'The server is shutting down')
    const ring = this.#listen()
    const capabilities = describeCapabilities(this.#source, this.#settings, request.caller)
    const leavePlace = this.#places.take(request.caller.sessionId, request.address)
    // Before the first reader fetches anything: what is saved after that, it is told.
    if (this.#clients.size === 0) void this.#lookElsewhere()
    const leave = () => client.end(null, closeCodes.shutdown)
    const client = new LiveClient(
      () => frameOf({ event: 'reset', id: this.#id(), data: { reason: 'slow_reader' } }),
      () => {
        signal?.removeEventListener('abort', leave)
        this.#forget(client)
      },
    )
    this.#join(client, request, ring, leavePlace)
    this.#welcome(client, request, ring, capabilities)
    this.#heartbeat.requestLater()
    if (signal?.aborted) leave()
    else signal?.addEventListener('abort', leave)
    return client
  }

  /** Says goodbye to everybody and lets go of the source. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#unsubscribe()
    for (const client of [...this.#clients.keys()]) this.#end(client, 'shutdown')
    this.#rest()
  }

  /** Listens from the first reader on, and goes on listening so that whoever reconnects can be told what it missed. */
  #listen(): ChangeRing {
    if (this.#ring) return this.#ring
    this.#told = this.#source.revision
    this.#ring = new ChangeRing(this.#told, liveLimits.ring)
    this.#unsubscribe = this.#source.subscribe((change) => this.#hear(change))
    return this.#ring
  }

  #hear(change: Change): void {
    this.#ring?.add(change)
    if (this.#clients.size === 0) return
    const now = this.#settings.clock.now()
    for (const channel of this.#channels.values()) channel.add(change, now)
    for (const watch of this.#watches.values()) watch.add(change)
    this.#noteHints(change)
    if (change.kind === 'task' || change.kind === 'deleted' || change.kind === 'elsewhere') this.#counts.request()
    this.#beat.request()
  }

  #join(client: LiveClient, request: LiveRequest, ring: ChangeRing, leavePlace: () => void): void {
    const { key, filterAt, taskId, caller, isLimited, show } = request
    const now = this.#settings.clock.now()
    // Changes that nobody was connected for need no telling: a reader fetches after it is welcomed.
    if (this.#clients.size === 0) this.#told = ring.newest
    const untold = ring.since(this.#told) ?? []
    const channel = this.#channels.get(key) ?? new Channel({ filterAt, isLimited, ...(show && { show }) }, this.#told)
    if (!this.#channels.has(key)) for (const change of untold) channel.add(change, now)
    this.#channels.set(key, channel)
    channel.clients.add(client)
    if (taskId !== null) {
      const watch = this.#watches.get(taskId) ?? new TaskWatch(taskId)
      if (!this.#watches.has(taskId)) for (const change of untold) watch.add(change)
      this.#watches.set(taskId, watch)
      watch.clients.add(client)
    }
    this.#clients.set(client, { key, taskId, caller, leavePlace })
    this.#sessions.add(client, caller)
  }

  /**
   * The first frames. `hello` carries the position that the reader really has: were it the newest, a reader cut off right
   * after it would never learn what came in between.
   */
  #welcome(client: LiveClient, request: LiveRequest, ring: ChangeRing, capabilities: Capabilities): void {
    const now = this.#settings.clock.now()
    const last = parseLiveId(request.lastEventId)
    client.push(
      frameOf({
        event: 'hello',
        id: last ? formatLiveId(last) : this.#id(),
        data: {
          epoch: this.#source.epoch,
          revision: this.#told,
          serverTime: now,
          capabilities,
        },
      }),
    )
    if (last) this.#resume(client, request, last, ring)
  }

  #resume(
    client: LiveClient,
    { key, filterAt, taskId, isLimited, caller, show }: LiveRequest,
    last: LivePosition,
    ring: ChangeRing,
  ): void {
    if (last.epoch !== this.#source.epoch) {
      client.push(frameOf({ event: 'reset', id: this.#id(), data: { reason: 'epoch' } }))
      return
    }
    const missed = ring.since(last.revision)
    if (missed === null) {
      client.push(frameOf({ event: 'reset', id: this.#id(), data: { reason: 'gap' } }))
      return
    }
    const filter = filterAt(this.#settings.clock.now())
    const changes = new FilterChanges(last.revision, isLimited, show)
    const watch = taskId === null ? null : new TaskWatch(taskId)
    for (const change of missed) {
      if (change.revision > this.#told) break
      changes.add(change, filter)
      watch?.add(change)
    }
    const id = formatLiveId(last)
    const data = changes.read() ?? { changed: [], removed: [], overflow: null }
    const hints = new Set<LiveHint>(caller.grant ? [] : ['schedules', ...missed.flatMap(hintsOf)])
    for (const hint of hints) client.push(hintFrame(hint, id))
    for (const frame of watch?.take(id) ?? []) client.push(frame)
    if (last.revision < this.#told) client.push(frameOf({ event: 'tasks', id: this.#id(), data }))
    this.#channels.get(key)?.repeatCounts()
    this.#counts.request()
  }

  /** One beat: everybody is told what was saved since the last one, and stands at the new position. */
  #tell(): void {
    if (!this.#ring) return
    // Whom the last beat has not reached yet is told more at once, and not more often.
    if (this.#delivery.isBusy) return this.#beat.requestLater()
    const before = this.#id()
    const revision = this.#ring.newest
    const now = formatLiveId({ epoch: this.#source.epoch, revision })
    for (const watch of this.#watches.values()) {
      for (const frame of watch.take(before)) this.#delivery.send(watch.clients, frame)
    }
    for (const channel of this.#channels.values()) {
      const isSilent = revision - channel.told > liveLimits.silentRevisions
      const frame = channel.takeTasks(now, revision) ?? (isSilent ? channel.takePosition(now, revision) : null)
      this.#send(channel.clients, frame)
    }
    this.#told = revision
  }

  #noteHints(change: Change): void {
    const hints = hintsOf(change)
    if (hints.length === 0) return
    for (const hint of hints) this.#hinted.add(hint)
    this.#hints.request()
  }

  #hint(): void {
    // What an end user reads has no schedules, queues and the like.
    const clients = [...this.#clients].flatMap(([client, { caller }]) => (caller.grant ? [] : [client]))
    for (const hint of this.#hinted) this.#delivery.send(clients, hintFrame(hint, this.#id()))
    this.#hinted.clear()
  }

  /** Only while somebody listens; what is found comes back as a change. */
  async #lookElsewhere(): Promise<void> {
    if (!this.#source.lookElsewhere) return
    try {
      await this.#source.lookElsewhere()
    } catch (error) {
      if (!this.#isClosed) this.#settings.onError(error, null)
    }
    if (this.#clients.size > 0) this.#elsewhere.requestLater()
  }

  /** Asks the source once per filter that something happened to, one after the other. */
  async #tellCounts(): Promise<void> {
    if (this.#isCounting) return this.#counts.request()
    this.#isCounting = true
    for (const channel of this.#channels.values()) {
      if (!channel.countsAreStale || this.#isClosed) continue
      channel.countsAreStale = false
      try {
        const counts = await this.#source.metrics(channel.filterAt(this.#settings.clock.now()))
        this.#send(channel.clients, channel.takeCounts(this.#id(), counts))
      } catch (error) {
        this.#settings.onError(error, null)
      }
    }
    this.#isCounting = false
  }

  #keepAlive(): void {
    for (const channel of this.#channels.values()) {
      if (channel.told < this.#told) this.#send(channel.clients, channel.takePosition(this.#id(), this.#told))
    }
    for (const client of [...this.#clients.keys()]) client.beat()
    if (this.#clients.size > 0) this.#heartbeat.requestLater()
  }

  #end(client: LiveClient, reason: 'shutdown' | 'session_ended'): void {
    // Without an id: what somebody has not read before it is asked for when it comes back.
    client.end(frameOf({ event: 'bye', id: null, data: { reason } }), closeCodes[reason])
  }

  #forget(client: LiveClient): void {
    const place = this.#clients.get(client)
    if (!place) return
    this.#clients.delete(client)
    this.#delivery.forget(client)
    this.#sessions.remove(client, place.caller)
    place.leavePlace()
    const channel = this.#channels.get(place.key)
    channel?.clients.delete(client)
    if (channel?.clients.size === 0) this.#channels.delete(place.key)
    const watch = place.taskId === null ? undefined : this.#watches.get(place.taskId)
    watch?.clients.delete(client)
    if (watch?.clients.size === 0) this.#watches.delete(watch.taskId)
    if (this.#clients.size === 0) this.#rest()
  }

  #rest(): void {
    for (const pace of [this.#beat, this.#hints, this.#counts, this.#heartbeat, this.#elsewhere]) pace.stop()
  }

  #send(clients: Iterable<LiveClient>, frame: Frame | null): void {
    if (frame) this.#delivery.send(clients, frame)
  }

  #id(): string {
    return formatLiveId({ epoch: this.#source.epoch, revision: this.#told })
  }
}

/** What else has to be asked for anew; nobody knows what was saved elsewhere, and so it may be anything. */
function hintsOf({ kind }: Change): readonly LiveHint[] {
  if (kind === 'task' || kind === 'log' || kind === 'deleted') return noHints
  return kind === 'elsewhere' ? liveHints : [kind]
}

const noHints: readonly LiveHint[] = []
