import {
  createClient,
  openLiveStream,
  systemTiming,
  type Client,
  type ConnectionKind,
  type LiveStream,
  type Timing,
  type Visibility,
} from '@taskloom/client'
import { anyTask, formatFilter, parseLiveId, type LiveEvent, type Problem, type TaskFilter } from '@taskloom/protocol'
import { authorize, type Credentials } from '../host/authorize.ts'
import { pageVisibility } from '../host/visibility.ts'
import { createAsker, isRefusal, type Asker } from './asker.ts'

/** Where the server is and who asks. Elements that agree in all of it share one live stream. */
export interface LinkSettings extends Credentials {
  /** The mount, absolute. */
  readonly src: string
  readonly fetch: typeof fetch | undefined
  readonly credentials: RequestCredentials | undefined
}

/** What one element, or several that show the same, want to hear of. */
export interface Watcher {
  /** The tasks it shows are among these. */
  readonly filter: TaskFilter
  /** Milliseconds between polls where no stream comes. */
  readonly pollIntervalMs: number
  /** Asks for all that is shown; called when the link stands and whenever something may have been missed. */
  load(client: Client, signal: AbortSignal): Promise<void>
  /** What the stream tells of tasks, also of those that are not shown. */
  onTasks(data: Extract<LiveEvent, { event: 'tasks' }>['data']): void
  /** Its question was not answered. */
  onFailure(problem: Problem): void
  /** The way it hears is another. */
  onConnection(kind: ConnectionKind): void
}

/** One watcher's place at a link. */
export interface Place {
  /** Asks again; many calls within a second are one. */
  reload(): void
  /** Leaves the link; the last one ends its stream. */
  leave(): void
}

/** Time and visibility, for tests. */
export interface LinkWorld {
  readonly timing: Timing
  readonly visibility: Visibility
}

const settleMs = 30
/** Small elements wait for one thing: they do not try five times before they ask by themselves. */
const failuresBeforePolling = 2

const links = new Map<string, Link>()

/** Takes a place at the link of these settings, which is opened for the first and closed after the last. */
export function joinLink(settings: LinkSettings, watcher: Watcher, world: LinkWorld = pageWorld): Place {
  const key = linkKey(settings)
  const link = links.get(key) ?? createLink(settings, world, () => links.delete(key))
  links.set(key, link)
  return link.join(watcher)
}

/** Names who asks where: equal for elements that share a link. */
export function linkKey({ src, credentials, token, headers, getToken, fetch }: LinkSettings): string {
  const own = typeof headers === 'function' ? numberOf(headers) : headers
  return JSON.stringify([src, credentials, token, own, numberOf(getToken), numberOf(fetch)])
}

const numbers = new WeakMap<object, number>()
let lastNumber = 0

/** A number for a function, the same each time. */
function numberOf(value: object | undefined): number {
  if (value === undefined) return 0
  const known = numbers.get(value) ?? (lastNumber += 1)
  numbers.set(value, known)
  return known
}

const pageWorld: LinkWorld = { timing: systemTiming, visibility: pageVisibility }

interface Link {
  join(watcher: Watcher): Place
}

interface Member {
  readonly watcher: Watcher
  readonly asker: Asker
}

function createLink(settings: LinkSettings, { timing, visibility }: LinkWorld, onEnd: () => void): Link {
  const client = createClient({ ...settings, headers: authorize(settings) })
  const members = new Set<Member>()
  let stream: LiveStream | null = null
  let streamKey = ''
  // The bearer of a token for single tasks hears of no other, and may not search among them.
  let isWide = Boolean(settings.token)
  let resumedFrom: string | null = null
  let kind: ConnectionKind = 'connecting'
  let cancelSettle: (() => void) | null = null
  let cancelPoll: (() => void) | null = null

  return {
    join(watcher) {
      const load = (signal: AbortSignal) => watcher.load(client, signal)
      const asker = createAsker({ timing, load, onFailure: (problem) => watcher.onFailure(problem) })
      const member: Member = { watcher, asker }
      members.add(member)
      // Somebody who comes to a closed door knocks.
      if (kind === 'forbidden' || kind === 'unauthenticated') closeStream()
      // What waits for a stream that stands already, or that never will, asks at once; others when it stands.
      if (stream && kind !== 'connecting' && kind !== 'hidden') void asker.ask()
      watcher.onConnection(kind)
      settleSoon()
      return {
        reload: () => asker.soon(),
        leave() {
          asker.rest()
          if (members.delete(member)) settleSoon()
        },
      }
    },
  }

  /** A page that is being built, or an element that is moved, changes who is here many times in one moment. */
  function settleSoon(): void {
    cancelSettle ??= timing.after(settleMs, () => {
      cancelSettle = null
      if (members.size === 0) end()
      else follow()
    })
  }

  function end(): void {
    closeStream()
    onEnd()
  }

  function closeStream(): void {
    cancelPoll?.()
    cancelPoll = null
    stream?.stop()
    stream = null
  }

  function follow(): void {
    const filter = isWide ? anyTask : commonFilter([...members].map(({ watcher }) => watcher.filter))
    const pollIntervalMs = Math.min(...[...members].map(({ watcher }) => watcher.pollIntervalMs))
    const words = formatFilter(filter).toString()
    const key = `${words} ${pollIntervalMs}`
    if (stream && key === streamKey) return
    closeStream()
    streamKey = key
    stream = openLiveStream({
      connect(lastEventId, signal) {
        resumedFrom = lastEventId
        return client.openStream({ filter, taskId: null, lastEventId, signal })
      },
      onEvent: hear,
      onConnection(now) {
        // Perhaps the question was refused and not who asks.
        if (now === 'forbidden' && !isWide && words !== '') {
          isWide = true
          settleSoon()
        } else connectionIs(now, pollIntervalMs)
      },
      onPoll: async () => void (await askAll()),
      pollIntervalMs,
      failuresBeforePolling,
      timing,
      visibility,
    })
  }

  function connectionIs(now: ConnectionKind, pollIntervalMs: number): void {
    // A filter that was opened anew is no news.
    if (now !== 'connecting' || kind !== 'live') tell(now)
    // A token may be good for its task and not for the stream: only what its own question is answered decides.
    if (now === 'forbidden' || now === 'unauthenticated') pollRefused(now, pollIntervalMs)
  }

  function tell(now: ConnectionKind): void {
    kind = now
    for (const { watcher } of [...members]) watcher.onConnection(now)
  }

  function pollRefused(refusal: ConnectionKind, pollIntervalMs: number): void {
    const again = () => {
      cancelPoll = timing.after(pollIntervalMs, () => pollRefused(refusal, pollIntervalMs))
    }
    if (visibility.isHidden()) return again()
    void askAll().then(
      (answered) => {
        if (!stream || kind === 'connecting') return
        if (answered === 0) return tell(refusal)
        tell('polling')
        again()
      },
      () => {
        tell('offline')
        again()
      },
    )
  }

  function hear(event: LiveEvent): void {
    switch (event.event) {
      case 'hello':
        // Without a place to resume from, whatever changed before the stream stood was told to nobody.
        if (resumedFrom === null || parseLiveId(resumedFrom)?.epoch !== event.data.epoch) void askAll()
        else for (const { asker } of members) if (!asker.isAnswered) void asker.ask()
        return
      case 'tasks':
        if (event.data.overflow) return askAllSoon()
        for (const { watcher } of [...members]) watcher.onTasks(event.data)
        return
      case 'reset':
        return askAllSoon()
    }
  }

  function askAllSoon(): void {
    for (const { asker } of members) asker.soon()
  }

  /** How many were answered; rejects when nobody was, because the server is not there. */
  async function askAll(): Promise<number> {
    const problems = await Promise.all([...members].map(({ asker }) => asker.ask()))
    const answered = problems.filter((found) => found === null).length
    const away = problems.find((found) => found !== null && !isRefusal(found))
    if (answered === 0 && away) throw new Error(away.title)
    return answered
  }
}

/** The narrowest question that covers all: their own where they agree, else everything. */
function commonFilter(filters: readonly TaskFilter[]): TaskFilter {
  const [first = anyTask, ...rest] = filters
  const words = formatFilter(first).toString()
  return rest.every((filter) => formatFilter(filter).toString() === words) ? first : anyTask
}
