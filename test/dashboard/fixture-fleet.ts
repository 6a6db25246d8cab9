import type {
  AuditLogEntry,
  AuditLogPage,
  AuditSlice,
  Drift,
  Histogram,
  Latency,
  LockView,
  PanelView,
  QueueView,
  RouteName,
  WorkerView,
} from '@taskloom/protocol'

/** What a route answers, made anew for each request. */
export type RouteAnswers = Partial<
  Record<RouteName, (params: Readonly<Record<string, string>>, search: URLSearchParams) => unknown>
>

const minuteMs = 60_000

/** What a busy shop answers, besides tasks. */
export function fleetAnswers(): RouteAnswers {
  const now = Date.now()
  return {
    workers: () => fleetWorkers(now),
    locks: () => fleetLocks(now),
    latency: () => latencyOf(now),
    histogram: () => histogramOf(),
    audit: (_, search) => auditPageOf(now, search),
    verifyAudit: (_, search) => auditSliceOf(search),
    panels: () => [
      { id: 'orders', title: 'Orders' },
      { id: 'mail', title: 'Mail relay' },
    ],
    panel: ({ id = '' }) => panelOf(id),
    pauseQueue: ({ name = '' }) => ({ ...fleetQueues(now)[0], queue: name, paused: true }),
    resumeQueue: ({ name = '' }) => ({ ...fleetQueues(now)[0], queue: name, paused: false }),
    drainQueue: () => ({ operationId: '0193a4c2-77d0-7e1f-b3a0-0000000000aa' }),
  }
}

export function queue(changes: Partial<QueueView> & { readonly queue: string }): QueueView {
  return {
    counts: { success: 4_000 },
    total: 4_000,
    oldestWait: null,
    throughput: 12,
    concurrency: null,
    paused: false,
    pausedAt: null,
    pausedBy: null,
    workers: 3,
    noWorker: false,
    rateLimit: null,
    maxPending: null,
    sparkline: hourOf(changes.queue.length),
    ...changes,
  }
}

function hourOf(seed: number) {
  const ended = Array.from({ length: 30 }, (_, at) => Math.round(40 + 30 * Math.sin((at + seed * 5) / 4)))
  const failed = ended.map((_, at) => (at % 9 === 0 ? 2 : 0))
  return { since: Date.now() - 60 * minuteMs, bucketMs: 2 * minuteMs, ended, failed }
}

export function fleetQueues(now: number): QueueView[] {
  return [
    queue({
      queue: 'billing',
      counts: { pending: 4, running: 2, success: 18_204, failed: 141 },
      total: 18_351,
      oldestWait: 1_800,
      throughput: 42,
      concurrency: 4,
    }),
    queue({
      queue: 'hooks',
      counts: { pending: 1_204, running: 8, success: 61_332, failed: 203, cancelled: 154 },
      total: 62_901,
      oldestWait: 252_000,
      throughput: 318,
      concurrency: 8,
      rateLimit: { max: 100, per: 60_000 },
      maxPending: 10_000,
    }),
    queue({
      queue: 'images',
      counts: { pending: 12, running: 3, success: 21_110, failed: 7, interrupted: 3 },
      total: 21_135,
      oldestWait: 8_400,
      throughput: 7.4,
      concurrency: 3,
    }),
    queue({
      queue: 'imports',
      counts: { pending: 31, success: 902 },
      total: 933,
      oldestWait: 5_400_000,
      throughput: 0,
      paused: true,
      pausedAt: now - 42 * minuteMs,
      pausedBy: 'ann',
    }),
    queue({ queue: 'mail', counts: { success: 24_998, failed: 16 }, total: 25_014, throughput: 61 }),
    queue({
      queue: 'reports',
      counts: { pending: 2, success: 340 },
      total: 342,
      oldestWait: 610_000,
      throughput: 0,
      workers: 0,
      noWorker: true,
    }),
  ]
}

export function worker(changes: Partial<WorkerView> & { readonly workerId: string }): WorkerView {
  return {
    hostname: 'web-1',
    pid: 4_121,
    version: '0.1.0',
    queues: ['billing', 'hooks', 'mail'],
    concurrency: 16,
    running: 4,
    startedAt: Date.now() - 86_400_000,
    uptime: 86_400_000,
    lastHeartbeat: Date.now() - 2_000,
    status: 'active',
    cpuPercent: 24,
    rssBytes: 214 * 1_048_576,
    eventLoopLagMs: 3,
    functions: 9,
    ...changes,
  }
}

export function fleetWorkers(now: number): WorkerView[] {
  return [
    worker({ workerId: 'w-1', running: 15, cpuPercent: 88, eventLoopLagMs: 21 }),
    worker({ workerId: 'w-2', hostname: 'web-2', pid: 4_187, running: 3, cpuPercent: 12 }),
    worker({
      workerId: 'w-3',
      hostname: 'images-1',
      pid: 911,
      queues: ['images', 'imports', 'reports', 'default', 'exports', 'video', 'audio'],
      concurrency: 4,
      running: 4,
      cpuPercent: 372,
      rssBytes: 1_640 * 1_048_576,
      eventLoopLagMs: 240,
      version: '0.0.9',
    }),
    worker({
      workerId: 'w-4',
      hostname: 'web-3',
      pid: 77,
      status: 'stale',
      running: 1,
      lastHeartbeat: now - 4 * minuteMs,
      cpuPercent: null,
      eventLoopLagMs: null,
    }),
    worker({ workerId: 'w-5', hostname: 'web-2', pid: 3_990, status: 'stopping', running: 2, uptime: 3 * 86_400_000 }),
  ]
}

export function fleetLocks(now: number): LockView[] {
  return [
    {
      key: 'order:88121',
      taskId: '0193a4c2-77d0-7e1f-b3a0-0000009f03aa',
      funcName: 'charge_card',
      status: 'running',
      user: 'ann',
      since: now - 2_000,
      owner: '0193a4c2-77d0-7e1f-b3a0-0000009f03aa',
    },
  ]
}

export function fleetDrift(): Drift {
  return {
    workers: 4,
    unregistered: [{ funcName: 'old_export', queues: ['reports'], pending: 2, running: 0, recent: 2 }],
    partial: [{ funcName: 'render_thumbnail', workers: ['w-3'], missing: ['w-1', 'w-2'] }],
    unseen: [],
    truncated: false,
  }
}

export function latencyOf(now: number): Latency {
  const bucketMs = 24 * minuteMs
  const since = now - 60 * bucketMs
  const buckets = Array.from({ length: 60 }, (_, index) => {
    const ended = Math.round(900 + 1_100 * Math.abs(Math.sin(index / 7)) + ((index * 37) % 11) * 40)
    const isBad = index > 41 && index < 46
    const p50 = 280 + 60 * Math.sin(index / 5) + (isBad ? 500 : 0)
    const isQuiet = index === 12
    return {
      at: since + index * bucketMs,
      ended: isQuiet ? 0 : ended,
      failed: isQuiet ? 0 : isBad ? 260 : index % 17 === 8 ? 40 : 0,
      p50DurationMs: isQuiet ? null : p50,
      p95DurationMs: isQuiet ? null : p50 * 4.2,
      p99DurationMs: isQuiet ? null : p50 * (6 + ((index * 7) % 5)),
      p50WaitMs: isQuiet ? null : 6 + (isBad ? 900 : 0),
      p95WaitMs: isQuiet ? null : 40 + (isBad ? 4_200 : 4 * (index % 9)),
    }
  })
  return { since, until: since + 60 * bucketMs, bucketMs, buckets }
}

export function histogramOf(): Histogram {
  const bars = (firstMs: number, count: number, middle: number, most: number) =>
    Array.from({ length: count }, (_, index) => ({
      fromMs: index === 0 ? 0 : firstMs * 2 ** (index - 1),
      toMs: firstMs * 2 ** index,
      count: Math.round(most * Math.exp(-((index - middle) ** 2) / 6)),
    }))
  return { duration: bars(2, 18, 8, 21_000), wait: bars(1, 14, 3, 38_000), samples: 100_000, isCapped: true }
}

export function auditEntry(seq: number, changes: Partial<AuditLogEntry>): AuditLogEntry {
  return {
    seq,
    at: Date.now() - (500 - seq) * 47_000,
    actor: 'ann',
    role: 'operator',
    address: '10.0.4.17',
    action: 'retry',
    target: '0193a4c2-77d0-7e1f-b3a0-0000009f03aa',
    outcome: 'ok',
    reason: null,
    code: null,
    affected: [],
    affectedCount: 0,
    detail: null,
    hash: 'c0ffee'.repeat(10),
    ...changes,
  }
}

const operation = '0193a4c2-77d0-7e1f-b3a0-0000000000aa'
const many = Array.from({ length: 40 }, (_, index) => `0193a4c2-77d0-7e1f-b3a0-00000000${1_000 + index}`)

export function auditEntries(): AuditLogEntry[] {
  const kinds: Partial<AuditLogEntry>[] = [
    { reason: 'the bank was down', affected: ['0193a4c2-77d0-7e1f-b3a0-0000009f0400'], affectedCount: 1 },
    { action: 'bulk_cancel', target: null, affected: many, affectedCount: 1_204, detail: { operation, filter: null } },
    { action: 'queue_pause', target: 'imports', reason: 'the catalogue is broken, see #4412' },
    { actor: 'bo', role: 'viewer', action: 'queue_resume', target: 'imports', outcome: 'denied', code: 'forbidden' },
    { actor: 'bo', role: null, address: null, action: 'login', target: null },
    { action: 'bulk_delete', target: null, detail: { operation, filter: 'status=failed' } },
    { actor: 'the application', role: null, address: null, action: 'schedule_run', target: 'nightly_report' },
    { action: 'cancel', outcome: 'failed', code: 'wrong_status' },
    { action: 'clear_history', target: null, affected: many.slice(0, 3), affectedCount: 3 },
    { action: 'teleport', target: null },
  ]
  return Array.from({ length: 120 }, (_, index) => auditEntry(500 - index, kinds[index % kinds.length] ?? {}))
}

function auditPageOf(_now: number, search: URLSearchParams): AuditLogPage {
  const from = Number(search.get('cursor') ?? Infinity)
  const limit = Number(search.get('limit') ?? 50)
  const fits = auditEntries().filter(
    ({ seq, actor, action, outcome }) =>
      seq < from &&
      [actor, null].includes(search.get('actor')) &&
      [action, null].includes(search.get('action')) &&
      [outcome, null].includes(search.get('outcome')),
  )
  const entries = fits.slice(0, limit)
  return { entries, nextCursor: fits.length > limit ? String(entries.at(-1)?.seq) : null }
}

function auditSliceOf(search: URLSearchParams): AuditSlice {
  const from = Number(search.get('from'))
  return { checked: 250, hash: 'beef'.repeat(16), next: from === 1 ? 251 : null, broken: null }
}

function panelOf(id: string): PanelView {
  return {
    id,
    title: id === 'orders' ? 'Orders' : 'Mail relay',
    blocks: [
      { kind: 'text', text: 'Orders of today, as the shop counts them.\nRefunds are not in here.' },
      {
        kind: 'stats',
        stats: [
          { label: 'Orders', value: 1_284 },
          { label: 'Paid', value: 97.2, unit: '%', tone: 'good' },
          { label: 'In print', value: 61, tone: 'warning' },
          { label: 'Complaints', value: 12, tone: 'bad' },
        ],
      },
      {
        kind: 'table',
        columns: ['Order', 'Total', 'Paid', 'Note'],
        rows: [
          [88_121, 49.5, true, 'poster, A2'],
          [88_122, 12, false, null],
        ],
      },
      { kind: 'json', value: { press: { ink: { cyan: 0.4, black: 0.9 }, jobs: ['a', 'b'] }, open: true } },
    ],
  }
}
