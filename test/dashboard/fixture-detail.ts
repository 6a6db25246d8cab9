import type { AuditLogEntry, ErrorGroup, TaskSummary } from '@taskloom/protocol'

/** What people did with a task; newest first. */
export function auditOf(task: TaskSummary): { entries: AuditLogEntry[]; nextCursor: string | null } {
  const shared = { role: 'operator', address: '203.0.113.7', target: task.taskId, code: null, detail: null, hash: 'h' }
  const affected = [task.taskId]
  return {
    entries: [
      {
        ...shared,
        seq: 8,
        at: task.createdAt + 30_000,
        actor: 'ann@printworks.example',
        action: 'retry',
        outcome: 'ok',
        reason: 'The bank is back',
        affected,
        affectedCount: 1,
      },
      {
        ...shared,
        seq: 5,
        at: task.createdAt + 20_000,
        actor: 'vera@printworks.example',
        role: 'viewer',
        action: 'cancel',
        outcome: 'denied',
        reason: null,
        code: 'forbidden',
        affected: [],
        affectedCount: 0,
      },
    ],
    nextCursor: null,
  }
}

export function errorGroupsOf(task: TaskSummary): ErrorGroup[] {
  return [
    {
      fingerprint: '5d1f00aa5d1f00aa',
      type: 'CardDeclined',
      message: (task.error ?? '').replace(/\d+/g, '70001'),
      functions: [task.funcName, 'charge_deposit'],
      lastHour: 12,
      lastDay: 96,
      lastWeek: 214,
      firstSeen: task.createdAt - 86_400_000,
      lastSeen: task.createdAt,
      sampleTaskId: 'another',
    },
  ]
}

/** A task that was retried twice, and one of the retries again. */
export function lineageOf(task: TaskSummary): { tasks: TaskSummary[]; truncated: boolean } {
  const kin = (suffix: string, changes: Partial<TaskSummary>): TaskSummary => ({
    ...task,
    taskId: `${task.taskId.slice(0, -4)}${suffix}`,
    ...changes,
  })
  const first = kin('aaaa', { createdAt: task.createdAt - 60_000, retryCount: 2, retriedFrom: null })
  const other = kin('bbbb', { createdAt: task.createdAt - 30_000, retriedFrom: first.taskId, status: 'success' })
  const last = kin('cccc', { createdAt: task.createdAt + 30_000, retriedFrom: task.taskId, status: 'running' })
  return { tasks: [first, other, { ...task, retriedFrom: first.taskId, retryCount: 1 }, last], truncated: false }
}

export const longText = 'A sentence that is said again. '.repeat(60)

export const richArgs = [
  {
    order: 88_121,
    cents: 4_950,
    card: '***',
    big: '9007199254740993123',
    customer: {
      name: 'Ann Example',
      address: { street: 'Mühlenweg 4', city: 'Nord', zip: '20095' },
      tags: ['vip', 'b2b'],
    },
    lines: Array.from({ length: 140 }, (_, index) => ({ sku: `SKU-${index}`, count: index })),
    note: longText,
    empty: {},
    paid: false,
    voucher: null,
  },
]
