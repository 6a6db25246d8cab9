import {
  matchesFilter,
  parseFilter,
  routes,
  type Codec,
  type ErrorGroup,
  type OperationView,
  type RouteMatch,
  type TaskSummary,
} from '@taskloom/protocol'

/** What an operator of a whole server may read and do. */
export const operatorOf = {
  reads: ['schedules', 'functions', 'timeline', 'logs', 'search', 'persistence', 'operations', 'errors'],
  actions: [
    'retry',
    'cancel',
    'run_now',
    'delete',
    'bulk_retry',
    'bulk_cancel',
    'bulk_delete',
    'clear_history',
    'triage',
  ],
} as const

interface BulkBody {
  readonly action: 'retry' | 'cancel' | 'run_now' | 'delete'
  readonly filter?: Readonly<Record<string, readonly string[]>>
  readonly task_ids?: readonly string[]
  readonly dry_run?: boolean
  readonly delay?: number
  readonly reason?: string
}

const meant: Readonly<Record<BulkBody['action'], readonly string[]>> = {
  retry: ['failed', 'interrupted'],
  cancel: ['pending', 'running'],
  run_now: ['pending'],
  delete: ['failed', 'interrupted', 'success', 'cancelled'],
}

/** Bulk actions in memory: tests say when they go on. */
export interface FixtureOperations {
  list: OperationView[]
  /** More than are there, to be counted in dry runs; null for what is there. */
  count: number | null
  bulk(body: BulkBody, tasks: readonly TaskSummary[]): unknown
  cancel(operationId: string): OperationView | null
  /** Tasks of the newest, all with this outcome. */
  itemsOf(outcome: string | null, tasks: readonly TaskSummary[]): unknown
  /** Changes the newest. */
  advance(changes: Partial<OperationView>): void
  /** What was said of kinds of failures, by fingerprint. */
  readonly marks: Map<string, ErrorGroup['state']>
}

/** What the routes of this file answer; null for all others. */
export function answerOperations(
  { name, params }: RouteMatch,
  search: URLSearchParams,
  body: unknown,
  { operations, tasks }: { readonly operations: FixtureOperations; readonly tasks: readonly TaskSummary[] },
): Response | null {
  const send = (value: unknown) => Response.json((routes[name].answer as unknown as Codec<unknown>).encode(value))
  const id = params['id'] ?? ''
  switch (name) {
    case 'bulk':
      return send(operations.bulk(body as BulkBody, tasks))
    case 'operations':
      return send({ operations: operations.list, nextCursor: null })
    case 'operation': {
      const operation = operations.list.find(({ operationId }) => operationId === id)
      return operation ? send({ ...operation, failures: [] }) : null
    }
    case 'cancelOperation': {
      const operation = operations.cancel(id)
      return operation ? send(operation) : null
    }
    case 'operationItems':
      return send({ items: operations.itemsOf(search.get('outcome'), tasks), nextCursor: null })
    case 'errors':
      return search.has('func_name') ? null : send(markedGroups(operations))
    case 'resolveError':
    case 'ignoreError':
    case 'reopenError':
      operations.marks.set(id, markWords[name])
      return send(markedGroups(operations).find(({ fingerprint }) => fingerprint === id))
    default:
      return null
  }
}

const markWords = { resolveError: 'resolved', ignoreError: 'ignored', reopenError: 'open' } as const

function markedGroups({ marks }: FixtureOperations): readonly ErrorGroup[] {
  const now = Date.now()
  return errorGroupsOf(now).map((group) => {
    const state = marks.get(group.fingerprint)
    return state ? { ...group, state, stateAt: now, stateBy: 'ann' } : group
  })
}

export function createOperations(): FixtureOperations {
  const operations: FixtureOperations = {
    list: [],
    marks: new Map(),
    count: null,
    bulk(body, tasks) {
      const found = tasks.filter((task) => isMeant(body, task))
      const total = operations.count ?? found.length
      if (body.dry_run) return { count: total, countIsCapped: total >= 100_000, sample: found.slice(0, 20) }
      const operation = makeOperation({
        operationId: `op-${operations.list.length + 1}`,
        action: body.action,
        filter: body.filter ?? null,
        total,
        reason: body.reason ?? null,
        status: body.delay ? 'pending' : 'running',
        beginsAt: body.delay ? Date.now() + body.delay * 1_000 : null,
      })
      operations.list = [operation, ...operations.list]
      return { operationId: operation.operationId }
    },
    cancel(operationId) {
      const now = Date.now()
      operations.list = operations.list.map((operation) =>
        operation.operationId === operationId
          ? { ...operation, status: 'cancelled', cancelRequestedAt: now, endedAt: now }
          : operation,
      )
      return operations.list.find((operation) => operation.operationId === operationId) ?? null
    },
    itemsOf(outcome, tasks) {
      const [newest] = operations.list
      const count =
        outcome === 'waiting' ? (newest?.total ?? 0) - (newest?.done ?? 0) : (newest?.[outcome as 'failed'] ?? 0)
      return tasks.slice(0, count).map(({ taskId }, index) => ({
        taskId,
        outcome,
        reason: outcome === 'failed' ? 'The store said no' : outcome === 'skipped' ? 'already_retried' : null,
        newTaskId: outcome === 'succeeded' ? `${taskId}-again` : null,
        at: outcome === 'waiting' ? null : Date.now() - index * 1_000,
      }))
    },
    advance(changes) {
      const [newest, ...others] = operations.list
      if (newest) operations.list = [{ ...newest, ...changes }, ...others]
    },
  }
  return operations
}

export function makeOperation(changes: Partial<OperationView> = {}): OperationView {
  const now = Date.now()
  return {
    operationId: 'op-1',
    action: 'retry',
    status: 'done',
    filter: { status: ['failed'] },
    again: false,
    total: 10,
    isCollected: true,
    done: 0,
    succeeded: 0,
    skipped: 0,
    failed: 0,
    actor: 'ann@printworks.example',
    reason: null,
    workerId: 'web-2',
    createdAt: now,
    startedAt: now,
    endedAt: null,
    cancelRequestedAt: null,
    error: null,
    beginsAt: null,
    perSecond: null,
    ...changes,
  }
}

/** The failures of the print shop by kind; more of them than its rows show. */
export function errorGroupsOf(now: number): ErrorGroup[] {
  const hour = 3_600_000
  const group = (
    fingerprint: string,
    type: string,
    message: string,
    funcName: string,
    counts: readonly [number, number, number],
    lastSeen: number,
    firstSeen: number,
  ): ErrorGroup => ({
    fingerprint,
    type,
    message,
    functions: [funcName],
    lastHour: counts[0],
    lastDay: counts[1],
    lastWeek: counts[2],
    firstSeen: now - firstSeen,
    lastSeen: now - lastSeen,
    sampleTaskId: '0193a4c2-77d0-7e1f-b3a0-00005c9f03aa',
    trend: Array.from({ length: 24 }, (_, at) => (at === 23 ? counts[0] : Math.round((at % 5) * (counts[1] / 60)))),
    state: 'open',
    stateAt: null,
    stateBy: null,
  })
  return [
    group(
      'aaaa000000000001',
      'TimeoutError',
      'no answer within 5 s',
      'deliver_webhook',
      [41, 186, 203],
      780_000,
      200 * hour,
    ),
    group(
      'aaaa000000000002',
      'CardDeclined',
      'insufficient funds for order 88121',
      'charge_card',
      [2, 19, 141],
      48_000,
      300 * hour,
    ),
    group(
      'aaaa000000000003',
      'RangeError',
      'unsupported colour profile “CMYK-2”',
      'render_thumbnail',
      [0, 7, 7],
      3 * hour,
      9 * hour,
    ),
    group('aaaa000000000004', 'SMTP 451', 'mailbox busy', 'send_receipt', [0, 2, 16], 9 * hour, 170 * hour),
  ]
}

function isMeant({ action, filter, task_ids }: BulkBody, task: TaskSummary): boolean {
  if (!meant[action].includes(task.status)) return false
  if (task_ids) return task_ids.includes(task.taskId)
  const params = new URLSearchParams()
  for (const [name, values] of Object.entries(filter ?? {})) for (const value of values) params.append(name, value)
  return matchesFilter(withGroup(task), parseFilter(params, Date.now()))
}

/** The rows know their kind of failure as the server does. */
export function withGroup(task: TaskSummary): TaskSummary & { readonly errorGroup: string | null } {
  const groups = errorGroupsOf(0)
  const words = task.error ?? ''
  const group = groups.find(({ type }) => words.startsWith(type))
  return { ...task, errorGroup: task.status === 'failed' ? (group?.fingerprint ?? null) : null }
}
