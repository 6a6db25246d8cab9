import { parseFilter, type TaskStatus } from '@taskloom/protocol'
import { anonymous, type Caller } from '../../packages/engine/src/server/identity/caller.ts'
import type { Gatekeeper } from '../../packages/engine/src/server/identity/gatekeeper.ts'
import { LiveHub } from '../../packages/engine/src/server/live.ts'
import { streamOf } from '../../packages/engine/src/server/live/stream.ts'
import { readOptions, type HandlerOptions } from '../../packages/engine/src/server/options.ts'
import { ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { HandClock, LiveReader } from './live-reader.ts'

/** Somebody of whom nothing is known. */
export const nobody = { caller: anonymous, isLimited: false, address: null } as const

export interface Watching {
  readonly query?: string
  readonly taskId?: string
  readonly lastEventId?: string | null
  readonly isStalled?: boolean
  readonly caller?: Caller
  readonly address?: string | null
  readonly isLimited?: boolean
}

/** A live hub over a scripted source, with time moved by hand. */
export interface LiveScene {
  readonly clock: HandClock
  readonly source: ScriptedSource
  readonly hub: LiveHub
  /** What the hub reported to the host. */
  readonly errors: unknown[]
  readonly stream: (watching?: Watching) => ReadableStream<Uint8Array>
  readonly watch: (watching?: Watching) => LiveReader
  readonly addMany: (count: number, status?: TaskStatus) => Promise<void>
}

export function openLive(options: HandlerOptions = {}, isAlive?: Gatekeeper['isAlive']): LiveScene {
  const clock = new HandClock()
  const source = new ScriptedSource({ now: () => clock.now() })
  const errors: unknown[] = []
  const settings = readOptions({ clock, onError: (error) => errors.push(error), ...options })
  const gatekeeper = isAlive ? { ...settings.gatekeeper, isAlive } : settings.gatekeeper
  const hub = new LiveHub(source, { ...settings, gatekeeper })
  const stream = ({ query = '', taskId, lastEventId = null, isStalled: _, ...who }: Watching = {}) => {
    const params = new URLSearchParams(query)
    const filterAt = (now: number) => parseFilter(params, now)
    return streamOf(
      hub.open({ key: params.toString(), filterAt, taskId: taskId ?? null, lastEventId, ...nobody, ...who }),
    )
  }
  return {
    clock,
    source,
    hub,
    errors,
    stream,
    watch: (watching = {}) => new LiveReader(stream(watching), { isStalled: watching.isStalled ?? false }),
    async addMany(count, status = 'pending') {
      for (let index = 0; index < count; index += 1) await source.add({ status })
    },
  }
}
