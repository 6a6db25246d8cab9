import { parseFilter, type TaskStatus } from '@taskloom/protocol'
import { anonymous } from '../../packages/engine/src/server/identity/caller.ts'
import { LiveHub } from '../../packages/engine/src/server/live.ts'
import { readOptions } from '../../packages/engine/src/server/options.ts'
import { ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { HandClock, LiveReader } from './live-reader.ts'

export interface Watching {
  readonly query?: string
  readonly taskId?: string
  readonly lastEventId?: string | null
  readonly isStalled?: boolean
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

export function openLive(): LiveScene {
  const clock = new HandClock()
  const source = new ScriptedSource({ now: () => clock.now() })
  const errors: unknown[] = []
  const hub = new LiveHub(source, readOptions({ clock, onError: (error) => errors.push(error) }))
  const stream = ({ query = '', taskId, lastEventId = null }: Watching = {}) => {
    const params = new URLSearchParams(query)
    const filterAt = (now: number) => parseFilter(params, now)
    const who = { caller: anonymous, address: null }
    return hub.open({ key: params.toString(), filterAt, taskId: taskId ?? null, lastEventId, ...who })
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
