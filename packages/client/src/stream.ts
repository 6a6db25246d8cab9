import { decodeLiveEvent, type LiveEvent, type Problem } from '@taskloom/protocol'
import { createParser, type EventSourceMessage } from 'eventsource-parser'
import { ClientError, madeProblem, toProblem } from './http.ts'
import type { ConnectionKind } from './state.ts'
import { systemTiming, type Timing } from './timing.ts'

/** Whether anybody looks: a hidden page needs no stream. */
export interface Visibility {
  /** Whether nobody looks now. */
  isHidden(): boolean
  /** Calls back after each change; returns how to stop. */
  onVisibilityChange(callback: () => void): () => void
}

/** How a stream is opened and who hears of it. */
export interface StreamOptions {
  /** Opens the response; see `client.openStream`. */
  readonly connect: (lastEventId: string | null, signal: AbortSignal) => Promise<Response>
  /** Called with each event in order. What it throws ends the connection; the event comes again. */
  readonly onEvent: (event: LiveEvent) => void
  /** Called whenever the connection is in another state. */
  readonly onConnection: (kind: ConnectionKind, problem: Problem | null) => void
  /** Called while there is no stream, every `pollIntervalMs`; rejects when the server is not there at all. */
  readonly onPoll: () => Promise<void>
  /** Where an earlier stream ended, to be resumed there; absent or null to begin anew. */
  readonly lastEventId?: string | null
  /** Milliseconds; default 30,000. */
  readonly pollIntervalMs?: number
  /** Fails in a row after which polling begins; default 5. */
  readonly failuresBeforePolling?: number
  /** Says whether anybody looks; without it somebody always does. */
  readonly visibility?: Visibility | undefined
  /** Time and chance, for tests; the machine’s by default. */
  readonly timing?: Timing | undefined
}

/** A stream that is kept alive: it reconnects, resumes where it was, and polls where no stream comes. */
export interface LiveStream {
  /** The id of the last event that was handed on. */
  readonly lastEventId: string | null
  /** When the server was last heard of, epoch ms; null if never. */
  readonly heardAt: number | null
  /** Ends it and lets go of every timer. Safe to call twice. */
  stop(): void
}

/** Longer than two heartbeats of the server, which pings every 15 s. */
export const silenceLimitMs = 40_000
/** A proxy that holds the stream back shows itself by an open connection without a first word. */
export const firstWordLimitMs = 10_000
export const backoffMs = { least: 500, most: 15_000 } as const
const maxBufferedCharacters = 4 * 1024 * 1024

/**
 * Keeps one live stream: reconnects with jitter, resumes by id, notices silence, rests while nobody looks, polls when the
 * stream does not come, and gives up only when the server says who may not.
 */
export function openLiveStream(options: StreamOptions): LiveStream {
  const timing = options.timing ?? systemTiming
  const pollIntervalMs = options.pollIntervalMs ?? 30_000
  const failuresBeforePolling = options.failuresBeforePolling ?? 5
  let lastEventId = options.lastEventId ?? null
  let heardAt: number | null = null
  let failures = 0
  let isStopped = false
  let connection: AbortController | null = null
  let cancelRetry = noop
  let cancelPoll: (() => void) | null = null
  const stopWatching = options.visibility?.onVisibilityChange(followVisibility) ?? noop

  if (isHidden()) options.onConnection('hidden', null)
  else void connect('connecting')

  return {
    get lastEventId() {
      return lastEventId
    },
    get heardAt() {
      return heardAt
    },
    stop,
  }

  function isHidden(): boolean {
    return options.visibility?.isHidden() ?? false
  }

  function stop(): void {
    isStopped = true
    stopWatching()
    rest()
  }

  function rest(): void {
    cancelRetry()
    cancelPoll?.()
    cancelPoll = null
    connection?.abort()
    connection = null
  }

  function followVisibility(): void {
    if (isStopped) return
    rest()
    if (isHidden()) return options.onConnection('hidden', null)
    failures = 0
    void connect('connecting')
  }

  async function connect(kind: ConnectionKind | null): Promise<void> {
    if (kind) options.onConnection(kind, null)
    const controller = new AbortController()
    connection = controller
    try {
      const problem = await follow(controller)
      if (connection === controller) reconnectLater(problem, null)
    } catch (error) {
      if (connection === controller) fail(error)
    } finally {
      controller.abort()
    }
  }

  /** Reads one connection to its end; the answer says why it ended. */
  async function follow(controller: AbortController): Promise<Problem> {
    let ending: Problem = madeProblem('network', 'The live connection ended', 0)
    let cancelWatchdog = watch(firstWordLimitMs)
    function watch(limitMs: number) {
      return timing.after(limitMs, () => {
        ending = madeProblem('silent', 'The live connection fell silent', 0)
        controller.abort()
      })
    }
    const parser = createParser({ maxBufferSize: maxBufferedCharacters, onEvent: receive })
    try {
      const response = await options.connect(lastEventId, controller.signal)
      assertEventStream(response)
      const reader = response.body?.getReader()
      // Also for bodies that do not end with their request: a cancelled reader reads on to an end at once.
      controller.signal.addEventListener('abort', () => void reader?.cancel().catch(noop), { once: true })
      const decoder = new TextDecoder()
      while (reader && connection === controller) {
        const chunk = await reader.read()
        if (chunk.done) break
        cancelWatchdog()
        cancelWatchdog = watch(silenceLimitMs)
        heardAt = timing.now()
        parser.feed(decoder.decode(chunk.value, { stream: true }))
      }
      return ending
    } catch (error) {
      if (controller.signal.aborted && ending.code === 'silent') return ending
      throw error
    } finally {
      cancelWatchdog()
    }

    function receive(message: EventSourceMessage): void {
      if (connection !== controller) return
      const event = read(message)
      if (event === null) return
      if (event.event === 'hello') becomeLive()
      if (event.event === 'bye') ending = madeProblem('bye', 'The server said goodbye', 0, event.data.reason)
      options.onEvent(event)
      // The id counts once the event is applied: a reader that fails in between is given it again.
      if (event.id !== null) lastEventId = event.id
    }
  }

  function becomeLive(): void {
    failures = 0
    cancelPoll?.()
    cancelPoll = null
    options.onConnection('live', null)
  }

  function fail(error: unknown): void {
    const problem = toProblem(error)
    if (problem.status === 401 || problem.status === 403) {
      stop()
      return options.onConnection(problem.status === 401 ? 'unauthenticated' : 'forbidden', problem)
    }
    // A server without a stream will not grow one: nothing is gained by asking five times.
    if (problem.status === 404 || problem.status === 501) failures = Math.max(failures, failuresBeforePolling)
    reconnectLater(problem, error instanceof ClientError ? error.retryAfterMs : null)
  }

  function reconnectLater(problem: Problem, retryAfterMs: number | null): void {
    failures += 1
    if (failures < failuresBeforePolling) options.onConnection('reconnecting', problem)
    else if (cancelPoll === null) void poll(problem)
    const delayMs = Math.max(backoff(failures, timing.random()), retryAfterMs ?? 0)
    cancelRetry = timing.after(delayMs, () => void connect(null))
  }

  async function poll(problem: Problem): Promise<void> {
    let isCalledOff = false
    let cancelTimer = noop
    const callOff = () => {
      isCalledOff = true
      cancelTimer()
    }
    cancelPoll = callOff
    const kind = await options.onPoll().then(
      () => 'polling' as const,
      () => 'offline' as const,
    )
    if (isCalledOff) return
    options.onConnection(kind, problem)
    cancelTimer = timing.after(pollIntervalMs, () => void poll(problem))
  }
}

/** Full jitter between the least delay and a ceiling that doubles with each failure. */
export function backoff(failures: number, chance: number): number {
  const ceiling = Math.min(backoffMs.most, backoffMs.least * 2 ** Math.min(failures, 16))
  return backoffMs.least + chance * (ceiling - backoffMs.least)
}

/** A frame that is not understood may have held a change: only asking anew is honest. */
function read(message: EventSourceMessage): LiveEvent | null {
  try {
    return decodeLiveEvent(message)
  } catch {
    return { event: 'reset', id: message.id ?? null, data: { reason: 'gap' } }
  }
}

function assertEventStream(response: Response): void {
  const type = response.headers.get('content-type') ?? ''
  if (!type.startsWith('text/event-stream')) {
    response.body?.cancel().catch(noop)
    throw new ClientError(madeProblem('bad_answer', 'The answer is not a live stream', 501, type))
  }
}

function noop(): void {}
