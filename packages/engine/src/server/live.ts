import {
  encodeLiveEvent,
  formatLiveId,
  parseLiveId,
  ProtocolError,
  type LiveEvent,
  type LivePosition,
  type TaskFilter,
} from '@taskloom/protocol'
import type { Change } from '../observe/feed.ts'
import { describeCapabilities } from './capabilities.ts'
import type { Caller } from './identity/caller.ts'
import { ChangeRing } from './live/change-ring.ts'
import { Channel } from './live/channel.ts'
import { LiveClient } from './live/client.ts'
import { FilterChanges } from './live/filter-changes.ts'
import { liveLimits } from './live/limits.ts'
import { Pace } from './live/pace.ts'
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
  /** Where the reader is; null when nobody knows. */
  readonly address: string | null
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
  readonly #clients = new Map<LiveClient, { readonly key: string; readonly taskId: string | null }>()
  readonly #beat: Pace
  readonly #hints: Pace
  readonly #counts: Pace
  readonly #heartbeat: Pace
  #ring: ChangeRing | null = null
  #told = 0
  #unsubscribe: () => void = () => undefined
  #isCounting = false
  #isClosed = false

  constructor(source: TaskSource, settings: ServerSettings) {
    this.#source = source
    this.#settings = settings
    const { clock } = settings
    this.#beat = new Pace(clock, liveLimits.tasksEveryMs, () => this.#tell())
    this.#hints = new Pace(clock, liveLimits.hintsEveryMs, () => this.#hintSchedules())
    this.#counts = new Pace(clock, liveLimits.countsEveryMs, () => void this.#tellCounts())
    this.#heartbeat = new Pace(clock, liveLimits.heartbeatEveryMs, () => this.#ping())
  }

  /** How many readers there are. */
  get size(): number {
    return this.#clients.size
  }

  /** Opens a stream; throws `too_many_requests` when there are too many, `unavailable` when it is closed. */
  open(request: LiveRequest, signal?: AbortSignal): ReadableStream<Uint8Array> {
    if (this.#isClosed) throw new ProtocolError('unavailable', 'The server is shutting down')
    if (this.#clients.size >= liveLimits.streams) throw new ProtocolError('too_many_requests', 'Too many live streams')
    const ring = this.#listen()
    const client = new LiveClient(
      () => bytesOf({ event: 'reset', id: this.#id(), data: { reason: 'slow_reader' } }),
      () => this.#forget(client),
    )
    this.#join(client, request, ring)
    this.#welcome(client, request, ring)
    this.#heartbeat.requestLater()
    signal?.addEventListener('abort', () => this.#dismiss(client), { once: true })
    return client.stream
  }

  /** Says goodbye to everybody and lets go of the source. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#unsubscribe()
    const bye = bytesOf({ event: 'bye', id: this.#id(), data: { reason: 'shutdown' } })
    for (const client of this.#clients.keys()) {
      client.push(bye)
      client.end()
    }
    this.#clients.clear()
    this.#channels.clear()
    this.#watches.clear()
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
    for (const channel of this.#channels.values()) channel.add(change, channel.filterAt(now))
    for (const watch of this.#watches.values()) watch.add(change)
    if (change.kind === 'schedules') this.#hints.request()
    else if (change.kind !== 'log') this.#counts.request()
    this.#beat.request()
  }

  #join(client: LiveClient, { key, filterAt, taskId }: LiveRequest, ring: ChangeRing): void {
    const now = this.#settings.clock.now()
    // Changes that nobody was connected for need no telling: a reader fetches after it is welcomed.
    if (this.#clients.size === 0) this.#told = ring.newest
    const untold = ring.since(this.#told) ?? []
    const channel = this.#channels.get(key) ?? new Channel(filterAt, this.#told)
    if (!this.#channels.has(key)) for (const change of untold) channel.add(change, filterAt(now))
    this.#channels.set(key, channel)
    channel.clients.add(client)
    if (taskId !== null) {
      const watch = this.#watches.get(taskId) ?? new TaskWatch(taskId)
      if (!this.#watches.has(taskId)) for (const change of untold) watch.add(change)
      this.#watches.set(taskId, watch)
      watch.clients.add(client)
    }
    this.#clients.set(client, { key, taskId })
  }

  /**
   * The first frames. `hello` carries the position that the reader really has: were it the newest, a reader cut off right
   * after it would never learn what came in between.
   */
  #welcome(client: LiveClient, request: LiveRequest, ring: ChangeRing): void {
    const now = this.#settings.clock.now()
    const last = parseLiveId(request.lastEventId)
    client.push(
      bytesOf({
        event: 'hello',
        id: last ? formatLiveId(last) : this.#id(),
        data: {
          epoch: this.#source.epoch,
          revision: this.#told,
          serverTime: now,
          capabilities: describeCapabilities(this.#source, this.#settings, request.caller),
        },
      }),
    )
    if (last) this.#resume(client, request, last, ring)
  }

  #resume(client: LiveClient, { key, filterAt, taskId }: LiveRequest, last: LivePosition, ring: ChangeRing): void {
    if (last.epoch !== this.#source.epoch) {
      client.push(bytesOf({ event: 'reset', id: this.#id(), data: { reason: 'epoch' } }))
      return
    }
    const missed = ring.since(last.revision)
    if (missed === null) {
      client.push(bytesOf({ event: 'reset', id: this.#id(), data: { reason: 'gap' } }))
      return
    }
    const filter = filterAt(this.#settings.clock.now())
    const changes = new FilterChanges(last.revision)
    const watch = taskId === null ? null : new TaskWatch(taskId)
    for (const change of missed) {
      if (change.revision > this.#told) break
      changes.add(change, filter)
      watch?.add(change)
    }
    const id = formatLiveId(last)
    const data = changes.read() ?? { changed: [], removed: [], overflow: null }
    client.push(bytesOf({ event: 'schedules', id, data: { changed: true } }))
    if (watch) send([client], watch.take(id))
    if (last.revision < this.#told) client.push(bytesOf({ event: 'tasks', id: this.#id(), data }))
    this.#channels.get(key)?.repeatCounts()
    this.#counts.request()
  }

  /** One beat: everybody is told what was saved since the last one, and stands at the new position. */
  #tell(): void {
    if (!this.#ring) return
    const before = this.#id()
    const revision = this.#ring.newest
    const now = formatLiveId({ epoch: this.#source.epoch, revision })
    for (const watch of this.#watches.values()) send(watch.clients, watch.take(before))
    for (const channel of this.#channels.values()) {
      const frame = channel.takeTasks(now, revision)
      const isSilent = frame === '' && revision - channel.told > liveLimits.silentRevisions
      send(channel.clients, isSilent ? channel.takePosition(now, revision) : frame)
    }
    this.#told = revision
  }

  #hintSchedules(): void {
    send(this.#clients.keys(), encodeLiveEvent({ event: 'schedules', id: this.#id(), data: { changed: true } }))
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
        send(channel.clients, channel.takeCounts(this.#id(), counts))
      } catch (error) {
        this.#settings.onError(error, null)
      }
    }
    this.#isCounting = false
  }

  #ping(): void {
    for (const channel of this.#channels.values()) {
      const isBehind = channel.told < this.#told
      send(channel.clients, isBehind ? channel.takePosition(this.#id(), this.#told) : ': ping\n\n')
    }
    this.#heartbeat.requestLater()
  }

  #dismiss(client: LiveClient): void {
    client.end()
    this.#forget(client)
  }

  #forget(client: LiveClient): void {
    const place = this.#clients.get(client)
    if (!place) return
    this.#clients.delete(client)
    const channel = this.#channels.get(place.key)
    channel?.clients.delete(client)
    if (channel?.clients.size === 0) this.#channels.delete(place.key)
    const watch = place.taskId === null ? undefined : this.#watches.get(place.taskId)
    watch?.clients.delete(client)
    if (watch?.clients.size === 0) this.#watches.delete(watch.taskId)
    if (this.#clients.size === 0) this.#rest()
  }

  #rest(): void {
    for (const pace of [this.#beat, this.#hints, this.#counts, this.#heartbeat]) pace.stop()
  }

  #id(): string {
    return formatLiveId({ epoch: this.#source.epoch, revision: this.#told })
  }
}

const encoder = new TextEncoder()

function bytesOf(event: LiveEvent): Uint8Array {
  return encoder.encode(encodeLiveEvent(event))
}

/** One serialisation, however many read it. */
function send(clients: Iterable<LiveClient>, text: string): void {
  if (text === '') return
  const bytes = encoder.encode(text)
  for (const client of clients) client.push(bytes)
}
