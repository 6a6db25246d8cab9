import type { TaskStatus, TaskSummary } from '@taskloom/protocol'

/** A task with everything defaulted. */
export function makeTask(changes: Partial<TaskSummary> = {}): TaskSummary {
  const createdAt = changes.createdAt ?? Date.now() - 60_000
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
export function printworksTasks(count = 45, now = Date.now()): TaskSummary[] {
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
