/**
 * What a column holds. `id`: up to 64 characters. `name`: up to 200. `key`: up to 300. `text`: of any length. `instant`:
 * epoch milliseconds. `integer`: up to 2^53. `real`: a double. Texts compare by their bytes.
 */
export type ColumnType = 'id' | 'name' | 'key' | 'text' | 'instant' | 'integer' | 'real'

export interface Column {
  readonly type: ColumnType
  /** Whether it may be null; not by default. */
  readonly isOptional?: true
}

export interface Index {
  readonly columns: readonly string[]
  readonly isUnique?: true
  /** Rows for which it does not hold are left out where the database can do that. */
  readonly where?: string
  /** Whether it is worth nothing where rows cannot be left out. */
  readonly isPartialOnly?: true
}

/** Tasks that are over and lack one of their measures: few, and in no index of a measure that leaves out what has none. */
export const unmeasured =
  "status <> 'pending' AND status <> 'running' AND (start_time IS NULL OR end_time IS NULL OR duration_ms IS NULL)"

/** What does not run: indexes that leave out what does are not written when a task starts. */
export const resting = "status <> 'running'"

export interface Table {
  readonly columns: Readonly<Record<string, Column>>
  /** The primary key. */
  readonly key: readonly string[]
  readonly indexes?: Readonly<Record<string, Index>>
}

const id: Column = { type: 'id' }
const name: Column = { type: 'name' }
const key: Column = { type: 'key' }
const text: Column = { type: 'text' }
const instant: Column = { type: 'instant' }
const integer: Column = { type: 'integer' }
const real: Column = { type: 'real' }

function optional({ type }: Column): Column {
  return { type, isOptional: true }
}

/** The tables of schema version 1, by name. A later version is a list of statements of its own: this stays as it is. */
export const tables = {
  tasks: {
    columns: {
      id,
      status: id,
      func_name: name,
      queue: name,
      created_at: instant,
      run_at: optional(instant),
      start_time: optional(instant),
      end_time: optional(instant),
      duration_ms: optional(real),
      wait_ms: optional(real),
      attempt: integer,
      retries_used: integer,
      max_retries: integer,
      priority: optional(integer),
      executor: id,
      source: id,
      error: optional(text),
      tags: text,
      progress: optional(text),
      user_label: optional(text),
      worker_id: optional(key),
      has_logs: integer,
      retried_from: optional(id),
      retry_count: integer,
      version: integer,
      idempotency_key: optional(key),
      schedule: optional(name),
      slot_at: optional(instant),
      interruptions: integer,
      cancel_requested_at: optional(instant),
      trace_id: optional(key),
      error_code: optional(text),
      locks: optional(text),
      affected: optional(text),
      truncated: optional(text),
      progress_payload: optional(text),
      args: text,
      result: optional(text),
      stacktrace: optional(text),
      redact: optional(text),
      traceparent: optional(text),
      tracestate: optional(text),
      // Beyond the record: see `unit/changes.ts`.
      attempt_started_at: optional(instant),
      held_key: optional(key),
      error_group: optional(key),
      log_lines: integer,
      /** The negative of the priority, 0 without one: what is read first has the least. */
      urgency: integer,
    },
    key: ['id'],
    indexes: {
      tasks_status: { columns: ['status', 'id'] },
      tasks_name: { columns: ['func_name', 'queue', 'id'] },
      tasks_start_time: { columns: ['start_time', 'id'], where: 'start_time IS NOT NULL' },
      tasks_end_time: { columns: ['end_time', 'id'], where: 'end_time IS NOT NULL' },
      tasks_duration: { columns: ['duration_ms', 'id'], where: 'duration_ms IS NOT NULL' },
      tasks_unmeasured: { columns: ['id'], where: unmeasured, isPartialOnly: true },
      tasks_retries_used: { columns: ['retries_used', 'id'], where: 'retries_used > 0' },
      tasks_urgency: { columns: ['urgency', 'id'], where: 'urgency <> 0' },
      tasks_ready: { columns: ['status', 'run_at', 'urgency', 'id'], where: "status = 'pending'" },
      tasks_retried_from: { columns: ['retried_from', 'id'], where: 'retried_from IS NOT NULL' },
      tasks_schedule: { columns: ['schedule', 'id'], where: 'schedule IS NOT NULL' },
      tasks_slot: { columns: ['schedule', 'slot_at'], isUnique: true, where: 'slot_at IS NOT NULL' },
      tasks_held_key: { columns: ['held_key'], isUnique: true, where: 'held_key IS NOT NULL' },
      tasks_error_group: { columns: ['error_group', 'id'], where: 'error_group IS NOT NULL' },
    },
  },
  attempts: {
    columns: {
      task_id: id,
      attempt: integer,
      started_at: instant,
      ended_at: optional(instant),
      outcome: optional(id),
      error: optional(text),
      stacktrace: optional(text),
      worker_id: optional(key),
    },
    key: ['task_id', 'attempt'],
  },
  logs: {
    columns: {
      task_id: id,
      line: integer,
      at: instant,
      level: id,
      message: text,
      attempt: integer,
      extra: optional(text),
    },
    key: ['task_id', 'line'],
  },
  task_tags: {
    columns: { tag_key: key, tag_value: key, task_id: id },
    key: ['tag_key', 'tag_value', 'task_id'],
  },
  /** Counts by creation time, folded from `rollup_changes` now and then. */
  rollups: {
    columns: {
      level: integer,
      bucket: instant,
      func_name: name,
      queue: name,
      source: id,
      status: id,
      tasks: integer,
      duration_count: integer,
      duration_sum: real,
      duration_bins: optional(text),
      wait_count: integer,
      wait_sum: real,
      wait_bins: optional(text),
    },
    key: ['level', 'bucket', 'status', 'func_name', 'queue', 'source'],
  },
  /**
   * What transactions change in the roll-ups, by minute: rows are only added, so that no two transactions wait for each
   * other. Counts and the counts in the bins may be negative. A reader adds them to what is folded.
   */
  rollup_changes: {
    columns: {
      id,
      bucket: instant,
      func_name: name,
      queue: name,
      source: id,
      status: id,
      tasks: integer,
      duration_count: integer,
      duration_sum: real,
      duration_bins: optional(text),
      wait_count: integer,
      wait_sum: real,
      wait_bins: optional(text),
    },
    key: ['id'],
  },
  /** Of tasks that were deleted. */
  deleted_counts: {
    columns: {
      func_name: name,
      queue: name,
      status: id,
      tasks: integer,
      duration_sum: real,
      duration_bins: optional(text),
      wait_sum: real,
      wait_bins: optional(text),
    },
    key: ['func_name', 'queue', 'status'],
  },
  retry_counts: {
    columns: { func_name: name, queue: name, retries: integer },
    key: ['func_name', 'queue'],
  },
  locks: {
    columns: { lock_key: key, task_id: id, owner: id, since: instant },
    key: ['lock_key', 'task_id'],
    indexes: { locks_task: { columns: ['task_id'] } },
  },
  schedules: {
    columns: { name, is_paused: integer, last_slot_at: optional(instant), missed: integer },
    key: ['name'],
  },
  workers: {
    columns: {
      worker_id: key,
      hostname: text,
      pid: integer,
      started_at: instant,
      heartbeat_at: instant,
      lease_until: instant,
      facts: optional(text),
      func_names: optional(text),
    },
    key: ['worker_id'],
  },
  outbox: {
    columns: {
      id: key,
      recipient: key,
      event: key,
      task_id: id,
      created_at: instant,
      due_at: optional(instant),
      attempts: integer,
      error: optional(text),
      body: text,
    },
    key: ['id'],
    indexes: { outbox_due: { columns: ['recipient', 'due_at', 'id'] } },
  },
  sessions: {
    columns: {
      id: key,
      user_name: key,
      fingerprint: text,
      created_at: instant,
      seen_at: instant,
      expires_at: instant,
    },
    key: ['id'],
    indexes: { sessions_user: { columns: ['user_name', 'seen_at'] } },
  },
  secrets: { columns: { name, secret: text }, key: ['name'] },
  /** What the store remembers of itself, such as how far a history has been moved into it. */
  notes: { columns: { name, value: text }, key: ['name'] },
  operations: {
    columns: {
      id,
      action: id,
      filter: optional(text),
      again: integer,
      actor: text,
      reason: optional(text),
      role: optional(text),
      address: optional(text),
      created_at: instant,
      begins_at: optional(instant),
      per_second: optional(integer),
      status: id,
      worker_id: optional(key),
      last_task_id: optional(id),
      collected_to: optional(id),
      is_collected: integer,
      total: integer,
      succeeded: integer,
      skipped: integer,
      failed: integer,
      started_at: optional(instant),
      ended_at: optional(instant),
      cancel_requested_at: optional(instant),
      error: optional(text),
    },
    key: ['id'],
    indexes: { operations_open: { columns: ['ended_at', 'id'] } },
  },
  operation_items: {
    columns: {
      operation_id: id,
      /** It may be one that somebody listed and that never was. */
      task_id: key,
      outcome: id,
      reason: optional(text),
      new_task_id: optional(id),
      settled_at: optional(instant),
    },
    key: ['operation_id', 'task_id'],
    indexes: {
      operation_items_outcome: { columns: ['operation_id', 'outcome', 'task_id'] },
      operation_items_task: { columns: ['task_id', 'operation_id'] },
    },
  },
  audit: {
    columns: {
      seq: integer,
      at: instant,
      actor: key,
      role: optional(text),
      address: optional(text),
      action: key,
      target: optional(text),
      outcome: id,
      reason: optional(text),
      code: optional(text),
      affected_count: integer,
      affected: text,
      detail: text,
      hash: key,
    },
    key: ['seq'],
    indexes: {
      audit_actor: { columns: ['actor', 'seq'] },
      audit_action: { columns: ['action', 'seq'] },
      audit_outcome: { columns: ['outcome', 'seq'] },
    },
  },
  /** One row, of id 1: how many entries there are, and the hash of the newest. */
  audit_head: { columns: { id: integer, entries: integer, hash: key }, key: ['id'] },
  audit_about: { columns: { about: key, seq: integer }, key: ['about', 'seq'] },
  paused_queues: { columns: { queue: name, since: instant, paused_by: text }, key: ['queue'] },
  error_groups: {
    columns: {
      fingerprint: key,
      type: text,
      message: text,
      functions: text,
      first_seen: instant,
      last_seen: instant,
      sample_task: id,
      mark: optional(id),
      marked_at: optional(instant),
      marked_by: optional(text),
    },
    key: ['fingerprint'],
    indexes: { error_groups_seen: { columns: ['last_seen', 'fingerprint'] } },
  },
  error_counts: {
    columns: { fingerprint: key, hour: instant, tasks: integer },
    key: ['fingerprint', 'hour'],
  },
  /** Rows that are locked by whoever does what only one may do at a time; see `guards.ts`. */
  guards: { columns: { id: integer }, key: ['id'] },
  /** One row, of id 1: grows with each commit where nobody tells of commits. */
  revision: { columns: { id: integer, revision: integer, writer: optional(key) }, key: ['id'] },
} as const satisfies Record<string, Table>

/** The name of a table of ours. */
export type TableName = keyof typeof tables

/** The columns that later versions have added. */
export const addedColumns: Readonly<Partial<Record<TableName, Readonly<Record<string, Column>>>>> = {
  /** See `TimeBounds`. */
  rollups: { earliest: instant, latest: instant },
  rollup_changes: { earliest: instant, latest: instant },
}
