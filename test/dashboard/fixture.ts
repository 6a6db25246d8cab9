import {
  encodeLiveEvent,
  matchRoute,
  matchesFilter,
  parseTaskQuery,
  routes,
  describeProblem,
  problem as problemCodec,
  ProtocolError,
  statusOf,
  type Capabilities,
  type Codec,
  type LiveEvent,
  type ProblemCode,
  type RouteName,
  type TaskSummary,
} from '@taskloom/protocol'
import { driftOf, enqueueAnswerOf, functionDetailOf, schedulesAnswerOf, type FormAnswers } from './fixture-forms.ts'
import {
  detailOf,
  functionsOf,
  metricsOf,
  queuesOf,
  schedulesOf,
  suggestionsOf,
  timelineOf,
  typesOf,
} from './fixture-views.ts'
import { fleetAnswers, type RouteAnswers } from './fixture-fleet.ts'
import { auditOf, errorGroupsOf, lineageOf } from './fixture-detail.ts'
import { printworksTasks } from './printworks.ts'
import { answerOperations, createOperations, withGroup, type FixtureOperations } from './fixture-operations.ts'

/** A fixed server of the protocol's reads, in memory: what the screens are drawn from before and without an engine. */
export interface Fixture {
  readonly fetch: typeof fetch
  /** `GET tasks/metrics?status=failed`, in the order they came; streams included. */
  readonly calls: string[]
  readonly bodies: unknown[]
  /** Routes that answer only when their promise is kept. */
  readonly waits: Map<RouteName, Promise<void>>
  tasks: TaskSummary[]
  readonly operations: FixtureOperations
  /** Sends an event to every open stream. */
  push(event: LiveEvent): void
  /** Answers everything with this problem from now on; null ends that. */
  fail(code: ProblemCode | null): void
}

export interface FixtureOptions {
  readonly tasks?: readonly TaskSummary[]
  readonly capabilities?: Partial<Capabilities>
  readonly mount?: string
  readonly forms?: FormAnswers
  /** How many schedules there are; 2 by default. */
  readonly schedules?: number
  /** What single routes answer instead. */
  readonly answers?: RouteAnswers
}

const allActions = [
  'retry',
  'cancel',
  'run_now',
  'move',
  'delete',
  'bulk_retry',
  'clear_history',
  'schedule_run',
  'schedule_pause',
  'enqueue',
]

export function createFixture(options: FixtureOptions = {}): Fixture {
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>()
  const mount = options.mount ?? '/tasks'
  const capabilities: Capabilities = {
    protocol: 1,
    title: 'Background work',
    environment: 'production',
    reads: ['schedules', 'functions', 'timeline', 'logs', 'search', 'persistence'],
    actions: allActions,
    displayArgs: true,
    notices: [],
    limits: { pageSize: 500, bulk: 500, window: 3_650 },
    ...options.capabilities,
  }
  const answers: RouteAnswers = { ...fleetAnswers(), ...options.answers }
  let failure: ProblemCode | null = null
  let revision = 1

  const fixture: Fixture = {
    calls: [],
    bodies: [],
    waits: new Map(),
    tasks: [...(options.tasks ?? printworksTasks())],
    operations: createOperations(),
    push(event) {
      revision += 1
      const frame = new TextEncoder().encode(encodeLiveEvent({ ...event, id: `fix-${revision}` }))
      for (const stream of streams) stream.enqueue(frame)
    },
    fail(code) {
      failure = code
    },
    async fetch(input, init) {
      const request = new Request(input, init)
      const url = new URL(request.url)
      const path = url.pathname.slice(mount.length).replace(/^\//, '')
      fixture.calls.push(`${request.method} ${path}${url.search}`)
      const body: unknown = request.method === 'GET' ? null : await request.json().catch(() => null)
      if (request.method !== 'GET') fixture.bodies.push(body)
      if (failure) return problemResponse(failure)
      const match = matchRoute(request.method, path === '' ? [] : path.split('/').map(decodeURIComponent))
      if (!('name' in match)) return problemResponse('not_found')
      await fixture.waits.get(match.name)
      if (match.name === 'stream') return stream(request.signal)
      const operated = answerOperations(match, url.searchParams, body, fixture)
      if (operated) return operated
      try {
        return answer(match.name, match.params, url.searchParams)
      } catch (error) {
        if (error instanceof ProtocolError) return problemResponse(error.code, error.message, error.at)
        throw error
      }
    },
  }
  return fixture

  function stream(signal: AbortSignal): Response {
    let mine: ReadableStreamDefaultController<Uint8Array>
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        mine = controller
        streams.add(controller)
        const data = { epoch: 'fix', revision, serverTime: Date.now(), capabilities }
        const hello = encodeLiveEvent({ event: 'hello', id: `fix-${revision}`, data })
        controller.enqueue(new TextEncoder().encode(hello))
        signal.addEventListener('abort', () => streams.delete(controller))
      },
      cancel: () => void streams.delete(mine),
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }

  function answer(name: RouteName, params: Readonly<Record<string, string>>, search: URLSearchParams): Response {
    const send = (value: unknown) => Response.json((routes[name].answer as unknown as Codec<unknown>).encode(value))
    // What was done with one task is the panel's.
    const given = search.has('task_id') ? undefined : answers[name]
    if (given) return send(given(params, search))
    const query = parseTaskQuery(search, Date.now())
    const matching = fixture.tasks.filter((task) => matchesFilter(withGroup(task), query.filter))
    const known = fixture.tasks.find(({ taskId }) => taskId === params['task_id'])
    switch (name) {
      case 'list': {
        const from = query.cursor ? Number(query.cursor.value) : 0
        const start = query.cursor?.direction === 'prev' ? Math.max(0, from - query.limit) : from
        const total = matching.length
        const cursorAt = (direction: 'next' | 'prev', value: number) =>
          btoaUrl([direction === 'next' ? 1 : 0, value, 'x'])
        return send({
          tasks: matching.slice(start, start + query.limit),
          nextCursor: start + query.limit < matching.length ? cursorAt('next', start + query.limit) : null,
          prevCursor: start > 0 ? cursorAt('prev', start) : null,
          total,
          totalIsCapped: false,
        })
      }
      case 'metrics':
        return send(metricsOf(matching))
      case 'timeline':
        return send(timelineOf(Date.now()))
      case 'types':
        return send(typesOf(fixture.tasks))
      case 'queues':
        return send(queuesOf(fixture.tasks))
      case 'functions':
        return send(functionsOf(fixture.tasks))
      case 'function': {
        const detail = functionDetailOf(params['name'] ?? '', fixture.tasks, options.forms ?? {})
        return detail ? send(detail) : problemResponse('not_registered')
      }
      case 'enqueue':
        return send(enqueueAnswerOf(fixture.bodies.at(-1), fixture.tasks[0], options.forms ?? {}))
      case 'schedules':
        return send(schedulesAnswerOf(schedulesOf(Date.now()), options.schedules, search.get('q')))
      case 'drift':
        return send(driftOf(fixture.tasks))
      case 'runSchedule':
        return send({ taskId: fixture.tasks[0]?.taskId ?? '', task: fixture.tasks[0] })
      case 'pauseSchedule':
      case 'resumeSchedule':
        return send(schedulesOf(Date.now())[0])
      case 'pauseSchedules':
      case 'resumeSchedules':
        return send({ changed: 1, results: [] })
      case 'capabilities':
        return send(capabilities)
      case 'suggestions':
        return send(suggestionsOf(fixture.tasks, search.get('field') ?? '', search.get('prefix') ?? ''))
      case 'health':
        return send({ status: 'ok', checks: [] })
      case 'detail':
        return known ? send(detailOf(known, fixture.tasks)) : problemResponse('unknown_task')
      case 'progress':
        return known ? send(known) : problemResponse('unknown_task')
      case 'logs':
        return send({ logs: [], logsNext: null, total: 0 })
      case 'retry':
      case 'cancel':
      case 'runNow':
      case 'move':
        return known ? send({ taskId: known.taskId, task: known }) : problemResponse('unknown_task')
      case 'bulkRetry':
      case 'retryFailed':
        return send({ dispatched: 2, skipped: 0, results: [] })
      case 'clearHistory':
      case 'delete':
        return send({ deleted: 3 })
      case 'audit': {
        const of = fixture.tasks.find(({ taskId }) => taskId === search.get('task_id'))
        return send(of ? auditOf(of) : { entries: [], nextCursor: null })
      }
      case 'errors': {
        const failed = fixture.tasks.find((task) => task.funcName === search.get('func_name') && task.error !== null)
        return send(failed ? errorGroupsOf(failed) : [])
      }
      case 'lineage':
        return known ? send(lineageOf(known)) : problemResponse('unknown_task')
      case 'reveal':
        return known
          ? send({ taskId: known.taskId, args: [{ card: '4111 1111' }], result: null })
          : problemResponse('unknown_task')
      default:
        return problemResponse('not_found')
    }
  }
}

function problemResponse(code: ProblemCode, detail?: string, at: ProtocolError['at'] = {}): Response {
  const body = problemCodec.encode(describeProblem(code, detail, at))
  return Response.json(body, { status: statusOf(code), headers: { 'content-type': 'application/problem+json' } })
}

function btoaUrl(value: unknown): string {
  return btoa(JSON.stringify(value)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
}
