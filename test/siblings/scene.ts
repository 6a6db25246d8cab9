import { matchesFilter, pageRoutes, parseTaskQuery, taskPage, taskProgress, type TaskSummary } from '@taskloom/protocol'
import type { LinkSettings, LinkWorld } from '../../packages/dashboard/src/siblings/link.ts'
import { ManualTiming, rest } from '../client/manual-timing.ts'
import { ScriptedConnection, tasksEvent } from '../client/scripted-stream.ts'

/** A page with small elements, without the elements: a clock, a tab that may be hidden, and a server that is asked. */
export class Scene {
  readonly timing = new ManualTiming()
  readonly calls: { readonly path: string; readonly query: URLSearchParams; readonly bearer: string | null }[] = []
  readonly connections: (ScriptedConnection & { readonly signal: AbortSignal })[] = []
  tasks: TaskSummary[] = []
  /** Paths that are answered with this status. */
  readonly refused = new Map<string, number>()
  isAway = false
  /** As with a token for single tasks. */
  mayNotSearch = false
  isHidden = false
  #watching = new Set<() => void>()
  #revision = 1
  readonly #greeted = new Set<ScriptedConnection>()

  readonly world: LinkWorld = {
    timing: this.timing,
    visibility: {
      isHidden: () => this.isHidden,
      onVisibilityChange: (callback) => {
        this.#watching.add(callback)
        return () => this.#watching.delete(callback)
      },
    },
  }

  settings(changes: Partial<LinkSettings> = {}): LinkSettings {
    return {
      src: 'http://host.test/tasks',
      headers: undefined,
      credentials: undefined,
      fetch: this.fetch,
      ...changes,
    }
  }

  /** Connections that nobody has ended. */
  get open(): readonly ScriptedConnection[] {
    return this.connections.filter(({ signal }) => !signal.aborted)
  }

  count(path: string): number {
    return this.calls.filter((call) => call.path === path).length
  }

  hide(isHidden: boolean): void {
    this.isHidden = isHidden
    for (const callback of this.#watching) callback()
  }

  /** Lets everybody take their places and the stream stand. */
  async settle(): Promise<void> {
    await this.timing.advance(50)
    for (const connection of this.open.filter((each) => !this.#greeted.has(each))) {
      this.#greeted.add(connection)
      connection.hello(this.#revision)
    }
    await rest()
  }

  async publish(...changed: TaskSummary[]): Promise<void> {
    this.tasks = [...this.tasks.filter((task) => !changed.some(({ taskId }) => taskId === task.taskId)), ...changed]
    this.open.at(-1)?.send(tasksEvent((this.#revision += 1), { changed }))
    await rest()
  }

  readonly fetch: typeof fetch = async (input, init) => {
    const url = new URL(input as string)
    const path = url.pathname.slice('/tasks'.length).replace(/^\//, '')
    const headers = init?.headers as Record<string, string>
    this.calls.push({ path, query: url.searchParams, bearer: headers['authorization'] ?? null })
    if (this.isAway) throw new TypeError('fetch failed')
    const status = this.refused.get(path)
    if (status !== undefined) return new Response(null, { status })
    if (this.mayNotSearch && url.searchParams.has('q')) return new Response(null, { status: 403 })
    if (path === pageRoutes.stream.path) return this.#connect(headers['last-event-id'] ?? null, init?.signal)
    if (path === '') return Response.json(taskPage.encode(this.#page(url.searchParams)))
    const task = this.tasks.find(({ taskId }) => path === `${taskId}/progress`)
    return task ? Response.json(taskProgress.encode(task)) : new Response(null, { status: 404 })
  }

  #connect(lastEventId: string | null, signal: AbortSignal | null | undefined): Response {
    const connection = Object.assign(new ScriptedConnection(lastEventId), {
      signal: signal ?? new AbortController().signal,
    })
    this.connections.push(connection)
    return connection.response
  }

  #page(params: URLSearchParams) {
    const { filter, limit } = parseTaskQuery(params, this.timing.now())
    const found = this.tasks.filter((task) => matchesFilter(task, filter)).sort((a, b) => b.createdAt - a.createdAt)
    const tasks = found.slice(0, limit)
    return { tasks, nextCursor: null, prevCursor: null, total: found.length, totalIsCapped: false }
  }
}
