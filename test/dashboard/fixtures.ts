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
  type Metrics,
  type ProblemCode,
  type RouteName,
  type TaskDetail,
  type TaskSummary,
  type TaskStatus,
  type Timeline,
} from '@taskloom/protocol'

/** A fixed server of the protocol's reads, in memory: what the screens are drawn from before and without an engine. */
export interface Fixture {
  readonly fetch: typeof fetch
  /** `GET tasks/metrics?status=failed`, in the order they came; streams included. */
  readonly calls: string[]
  readonly bodies: unknown[]
  tasks: TaskSummary[]
  /** Sends an event to every open stream. */
  push(event: LiveEvent): void
  /** Answers everything with this problem from now on; null ends that. */
  fail(code: ProblemCode | null): void
}

export interface FixtureOptions {
  readonly tasks?: readonly TaskSummary[]
  readonly capabilities?: Partial<Capabilities>
  readonly mount?: string
}

export const fixtureNow = () => Date.now()

const allActions = [
  'retry',
  'cancel',
  'run_now',
  'delete',
  'bulk_retry',
  'clear_history',
  'schedule_run',
  'schedule_pause',
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
  let failure: ProblemCode | null = null
  let revision = 1

  const fixture: Fixture = {
    calls: [],
    bodies: [],
    tasks: [...(options.tasks ?? printworksTasks())],
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
      if (request.method !== 'GET') fixture.bodies.push(await request.json().catch(() => null))
      if (failure) return problemResponse(failure)
      const match = matchRoute(request.method, path === '' ? [] : path.split('/').map(decodeURIComponent))
      if (!('name' in match)) return problemResponse('not_found')
      if (match.name === 'stream') return stream(request.signal)
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
        const data = { epoch: 'fix', revision, serverTime: fixtureNow(), capabilities }
        const hello = encodeLiveEvent({ event: 'hello', id: `fix-${revision}`, data })
        controller.enqueue(new TextEncoder().encode(hello))
        signal.addEventListener('abort', () => streams.delete(controller))
      },
      cancel: () => void streams.delete(mine),
    })
    return new Response(body, { headers: { 'content-type': 'text/event-stream' } })
  }

  function answer(name: RouteName, params: Readonly<Record<string, string>>, search: URLSearchParams): Response {
    const query = parseTaskQuery(search, fixtureNow())
    const matching = fixture.tasks.filter((task) => matchesFilter(task, query.filter))
    const known = fixture.tasks.find(({ taskId }) => taskId === params['task_id'])
    const send = (value: unknown) => Response.json((routes[name].answer as unknown as Codec<unknown>).encode(value))
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
        return send(timelineOf(fixtureNow()))
      case 'types':
        return send(typesOf(fixture.tasks))
      case 'queues':
        return send(queuesOf(fixture.tasks))
      case 'functions':
        return send(functionsOf(fixture.tasks))
      case 'schedules':
        return send(schedules(fixtureNow()))
      case 'capabilities':
        return send(capabilities)
      case 'health':
        return send({ status: 'ok', checks: [] })
      case 'detail':
        return known ? send(detailOf(known, fixture.tasks)) : problemResponse('unknown_task')
      case 'logs':
        return send({ logs: [], logsNext: null, total: 0 })
      case 'retry':
      case 'cancel':
      case 'runNow':
        return known ? send({ taskId: known.taskId, task: known }) : problemResponse('unknown_task')
      case 'bulkRetry':
      case 'retryFailed':
        return send({ dispatched: 2, skipped: 0, results: [] })
      case 'clearHistory':
      case 'delete':
        return send({ deleted: 3 })
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

/** A task with everything defaulted. */
export function makeTask(changes: Partial<TaskSummary> = {}): TaskSummary {
  const createdAt = changes.createdAt ?? fixtureNow() - 60_000
  return {
    taskId: '0193a4c2-77d0-7e1f-b3a0-000000000001',
    funcName: 'send_receipt',
    queue: 'mail',
    status: 'success',
    createdAt,
    runAt: null,
    startTime: createdAt + 6,
    endTime: createdAt + 318,
    durationMs: 312,
    waitMs: 6,
    attempt: 1,
    retriesUsed: 0,
    maxRetries: 3,
    priority: null,
    executor: 'async',
    source: 'manual',
    error: null,
    tags: {},
    progress: null,
    userLabel: null,
    workerId: 'web-2',
    hasLogs: true,
    retriedFrom: null,
    retryCount: 0,
    version: 1,
    ...changes,
  }
}

type Row = readonly [
  status: TaskStatus,
  funcName: string,
  label: string,
  id: string,
  queue: string,
  used: number,
  max: number,
  durationMs: number | null,
  ageS: number,
  more?: Partial<TaskSummary>,
]

const rows: readonly Row[] = [
  [
    'running',
    'import_catalogue',
    'autumn-2026.csv',
    'e2b7c1',
    'imports',
    0,
    2,
    72_000,
    72,
    { progress: { percent: 41, message: null } },
  ],
  [
    'failed',
    'charge_card',
    'order 88121',
    '9f03aa',
    'billing',
    3,
    3,
    2_400,
    48,
    { error: 'CardDeclined: insufficient funds for order 88121' },
  ],
  ['success', 'send_receipt', 'ann@example.com', '71dd04', 'mail', 0, 3, 312, 75],
  [
    'pending',
    'deliver_webhook',
    'shop nord',
    '3c9e55',
    'hooks',
    1,
    5,
    null,
    90,
    { error: 'TimeoutError: no answer within 5 s' },
  ],
  ['success', 'render_thumbnail', 'poster-042.tif', 'b810f2', 'images', 0, 1, 1_800, 130],
  ['success', 'nightly_report', '', '0a77de', 'reports', 0, 0, 14_200, 250, { source: 'scheduled' }],
  [
    'interrupted',
    'render_thumbnail',
    'banner-007.psd',
    '5e2210',
    'images',
    0,
    1,
    9_100,
    370,
    { error: 'Process stopped while running' },
  ],
  ['success', 'send_receipt', 'bo@example.com', 'c4d0b9', 'mail', 0, 3, 298, 380],
  ['cancelled', 'import_catalogue', 'old-prices.csv', 'f19a3e', 'imports', 0, 2, 3_300, 550],
  ['success', 'deliver_webhook', 'shop süd', '8b64c7', 'hooks', 2, 5, 402, 670],
  ['success', 'heartbeat', '', 'd70b11', 'default', 0, 0, 4, 730, { source: 'scheduled' }],
  [
    'failed',
    'deliver_webhook',
    'shop ost',
    '2f5c08',
    'hooks',
    5,
    5,
    5_000,
    790,
    { error: 'TimeoutError: no answer within 5 s', tags: { tenant: 'ost' } },
  ],
  ['success', 'render_thumbnail', 'poster-041.tif', 'a9be73', 'images', 0, 1, 1_600, 850],
  ['success', 'send_receipt', 'cy@example.com', '66e2f0', 'mail', 0, 3, 305, 910],
]

/** The print shop's page as it is drawn in the design, and more of the same below it. */
export function printworksTasks(count = 45, now = fixtureNow()): TaskSummary[] {
  return Array.from({ length: count }, (_, index) => {
    const [status, funcName, label, id, queue, used, max, durationMs, ageS, more] = rows[index % rows.length]!
    const round = Math.floor(index / rows.length)
    const createdAt = now - (ageS + round * 920) * 1_000
    const isOpen = status === 'pending' || status === 'running'
    return makeTask({
      taskId: `0193a4c2-77d0-7e1f-b3a0-${String(round).padStart(4, '0')}5c${id}`,
      funcName,
      queue,
      status,
      createdAt,
      userLabel: label === '' ? null : label,
      retriesUsed: used,
      maxRetries: max,
      attempt: status === 'pending' ? used : used + 1,
      runAt: status === 'pending' ? now + 8_500 : null,
      startTime: status === 'pending' ? null : createdAt + 6,
      endTime: isOpen || durationMs === null ? null : createdAt + durationMs,
      durationMs: isOpen ? null : durationMs,
      ...more,
    })
  })
}

function metricsOf(tasks: readonly TaskSummary[]): Metrics {
  const count = (status: TaskStatus) => tasks.filter((task) => task.status === status).length
  const success = count('success')
  const failed = count('failed')
  return {
    total: tasks.length,
    pending: count('pending'),
    running: count('running'),
    success,
    failed,
    interrupted: count('interrupted'),
    cancelled: count('cancelled'),
    successRate: success + failed === 0 ? null : success / (success + failed),
    avgDurationMs: tasks.length === 0 ? null : 420,
    minDurationMs: tasks.length === 0 ? null : 3,
    maxDurationMs: tasks.length === 0 ? null : 240_000,
    p50DurationMs: 300,
    p95DurationMs: tasks.length === 0 ? null : 1_800,
    p99DurationMs: 5_000,
    avgWaitMs: 6,
    p95WaitMs: 40,
    isCapped: false,
  }
}

function timelineOf(now: number): Timeline {
  const bucketMs = 24 * 60_000
  const since = Math.floor((now - 60 * bucketMs) / 60_000) * 60_000
  const buckets = Array.from({ length: 60 }, (_, index) => {
    const total = Math.round(900 + 1_100 * Math.abs(Math.sin(index / 7)) + ((index * 37) % 11) * 40)
    const failed = index > 41 && index < 46 ? 250 + ((index * 53) % 7) * 60 : index % 17 === 8 ? 40 : 0
    return { at: since + index * bucketMs, total, counts: { success: total - failed, failed }, p95DurationMs: 1_800 }
  })
  return { since, until: since + 60 * bucketMs, bucketMs, group: 'status', buckets }
}

function typesOf(tasks: readonly TaskSummary[]) {
  return names(tasks).map((funcName) => {
    const runs = tasks.filter((task) => task.funcName === funcName)
    const longest = Math.max(...runs.map(({ durationMs }) => durationMs ?? 0))
    return {
      funcName,
      runs: runs.length,
      success: runs.filter(({ status }) => status === 'success').length,
      failed: runs.filter(({ status }) => status === 'failed').length,
      rate: 0.97,
      avgDurationMs: longest * 0.6,
      minDurationMs: 3,
      maxDurationMs: longest,
      p95DurationMs: longest * 1.1,
      runsPerHour: 12,
    }
  })
}

function queuesOf(tasks: readonly TaskSummary[]) {
  return [...new Set(tasks.map(({ queue }) => queue))].sort().map((queue) => {
    const mine = tasks.filter((task) => task.queue === queue)
    const failed = mine.filter(({ status }) => status === 'failed').length
    return { queue, counts: { failed, success: mine.length - failed }, total: mine.length }
  })
}

function functionsOf(tasks: readonly TaskSummary[]) {
  return names(tasks).map((funcName) => ({
    funcName,
    queue: tasks.find((task) => task.funcName === funcName)?.queue ?? 'default',
    executor: 'async' as const,
    retries: 3,
    delay: 1_000,
    backoff: 2,
    maxDelay: 60_000,
    jitter: true,
    timeout: 30_000,
    priority: null,
    concurrency: null,
    persist: true,
    eager: false,
    requeueOnInterrupt: false,
    schedule: funcName === 'heartbeat' ? 'every 1m' : null,
    stats: metricsOf(tasks.filter((task) => task.funcName === funcName)),
  }))
}

function schedules(now: number) {
  const next = (stepMs: number) => Array.from({ length: 5 }, (_, index) => now + (index + 1) * stepMs)
  const shared = {
    timezone: 'Europe/Berlin',
    lastTaskId: null,
    misfire: 'once' as const,
    missed: 0,
    overlap: 'skip' as const,
  }
  return [
    {
      ...shared,
      funcName: 'heartbeat',
      trigger: 'every 1m',
      description: 'every minute',
      nextRuns: next(60_000),
      lastRun: now - 20_000,
      lastStatus: 'success' as const,
      status: 'active' as const,
    },
    {
      ...shared,
      funcName: 'nightly_report',
      trigger: '0 3 * * *',
      description: 'at 03:00 every day',
      nextRuns: next(86_400_000),
      lastRun: now - 4_000_000,
      lastStatus: 'failed' as const,
      status: 'paused' as const,
    },
  ]
}

function detailOf(task: TaskSummary, tasks: readonly TaskSummary[]): TaskDetail {
  const attempts = Array.from({ length: task.attempt }, (_, index) => ({
    attempt: index + 1,
    startedAt: task.createdAt + index * 2_000,
    endedAt: task.createdAt + index * 2_000 + 488,
    outcome: index + 1 === task.attempt ? task.status : 'failed',
    error: task.error,
    stacktrace:
      task.error &&
      `${task.error}\n    at charge (src/billing/charge.ts:48:11)\n    at chargeCard (src/tasks/billing.ts:17:5)`,
    workerId: 'web-2',
  }))
  return {
    ...task,
    args: [{ order: 88_121, cents: 4_950, card: '••••' }],
    result: null,
    stacktrace: attempts.at(-1)?.stacktrace ?? null,
    errorCode: null,
    logs: [
      { line: 1, at: task.createdAt + 10, level: 'info', message: 'charging 49.50', attempt: 1, extra: null },
      { line: 2, at: task.createdAt + 300, level: 'error', message: 'declined by the bank', attempt: 1, extra: null },
    ],
    logsNext: null,
    attempts,
    timeline: [
      { at: task.createdAt, event: 'created', detail: 'POST /orders' },
      { at: task.createdAt + 6, event: 'started', detail: null },
      { at: task.createdAt + 2_400, event: 'gave_up', detail: task.error },
    ],
    affected: [],
    progressPayload: null,
    idempotencyKey: null,
    locks: [],
    traceId: null,
    schedule: null,
    retries: [],
    functionStats: metricsOf(tasks),
    recentRuns: tasks.filter(({ funcName }) => funcName === task.funcName).slice(0, 5),
    cleanedUp: false,
    truncated: [],
  }
}

function names(tasks: readonly TaskSummary[]): string[] {
  return [...new Set(tasks.map(({ funcName }) => funcName))].sort()
}
