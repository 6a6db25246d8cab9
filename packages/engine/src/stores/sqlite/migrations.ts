import { inTransaction, type Database } from './driver/port.ts'
import { newerSchema } from '../opening.ts'

/** Each entry takes the schema one version further; entries are never changed once released, only added. */
export const migrations: readonly string[] = [
  `
  CREATE TABLE tasks (
    id TEXT NOT NULL,
    status TEXT NOT NULL,
    func_name TEXT NOT NULL,
    queue TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    run_at INTEGER,
    start_time INTEGER,
    end_time INTEGER,
    duration_ms REAL,
    wait_ms REAL,
    attempt INTEGER NOT NULL DEFAULT 0,
    attempt_started_at INTEGER,
    retries_used INTEGER NOT NULL DEFAULT 0,
    max_retries INTEGER NOT NULL DEFAULT 0,
    priority INTEGER,
    executor TEXT NOT NULL,
    source TEXT NOT NULL,
    error TEXT,
    tags TEXT NOT NULL DEFAULT '{}',
    progress TEXT,
    user_label TEXT,
    worker_id TEXT,
    has_logs INTEGER NOT NULL DEFAULT 0,
    retried_from TEXT,
    retry_count INTEGER NOT NULL DEFAULT 0,
    version INTEGER NOT NULL DEFAULT 1,
    idempotency_key TEXT,
    schedule TEXT,
    slot_at INTEGER,
    interruptions INTEGER NOT NULL DEFAULT 0,
    cancel_requested_at INTEGER,
    trace_id TEXT,
    error_code TEXT,
    locks TEXT,
    affected TEXT,
    truncated TEXT,
    progress_payload TEXT,
    args TEXT NOT NULL DEFAULT '[]',
    result TEXT,
    stacktrace TEXT
  );
  CREATE UNIQUE INDEX tasks_id ON tasks (id);
  CREATE INDEX tasks_status ON tasks (status, id);
  CREATE INDEX tasks_name ON tasks (func_name, queue, id);
  CREATE INDEX tasks_start_time ON tasks (start_time, id) WHERE start_time IS NOT NULL;
  CREATE INDEX tasks_end_time ON tasks (end_time, id) WHERE end_time IS NOT NULL;
  CREATE INDEX tasks_duration ON tasks (duration_ms, id) WHERE duration_ms IS NOT NULL;
  CREATE INDEX tasks_unmeasured ON tasks (id)
    WHERE status <> 'pending' AND status <> 'running'
      AND (start_time IS NULL OR end_time IS NULL OR duration_ms IS NULL);
  CREATE INDEX tasks_retries_used ON tasks (retries_used, id) WHERE retries_used > 0;
  CREATE INDEX tasks_priority ON tasks (priority, id) WHERE priority <> 0;
  CREATE INDEX tasks_due ON tasks (run_at, coalesce(priority, 0) DESC, id) WHERE status = 'pending';
  CREATE INDEX tasks_retried_from ON tasks (retried_from, id) WHERE retried_from IS NOT NULL;
  CREATE INDEX tasks_schedule ON tasks (schedule, id) WHERE schedule IS NOT NULL;
  CREATE UNIQUE INDEX tasks_slot ON tasks (schedule, slot_at) WHERE schedule IS NOT NULL AND slot_at IS NOT NULL;
  CREATE UNIQUE INDEX tasks_key ON tasks (idempotency_key)
    WHERE idempotency_key IS NOT NULL AND status IN ('pending', 'running', 'success');

  CREATE TABLE attempts (
    task_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    ended_at INTEGER,
    outcome TEXT,
    error TEXT,
    stacktrace TEXT,
    worker_id TEXT,
    PRIMARY KEY (task_id, attempt)
  ) WITHOUT ROWID;

  CREATE TABLE logs (
    task_id TEXT NOT NULL,
    line INTEGER NOT NULL,
    at INTEGER NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    extra TEXT,
    PRIMARY KEY (task_id, line)
  ) WITHOUT ROWID;

  CREATE TABLE task_tags (
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    task_id TEXT NOT NULL,
    PRIMARY KEY (key, value, task_id)
  ) WITHOUT ROWID;

  CREATE TABLE schedules (
    name TEXT PRIMARY KEY,
    is_paused INTEGER NOT NULL,
    last_slot_at INTEGER,
    missed INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE workers (
    worker_id TEXT PRIMARY KEY,
    hostname TEXT NOT NULL,
    pid INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    heartbeat_at INTEGER NOT NULL,
    lease_until INTEGER NOT NULL
  ) WITHOUT ROWID;

  CREATE TABLE rollups (
    level INTEGER NOT NULL,
    bucket INTEGER NOT NULL,
    func_name TEXT NOT NULL,
    queue TEXT NOT NULL,
    source TEXT NOT NULL,
    status TEXT NOT NULL,
    tasks INTEGER NOT NULL,
    duration_count INTEGER NOT NULL,
    duration_sum REAL NOT NULL,
    duration_bins TEXT,
    wait_count INTEGER NOT NULL,
    wait_sum REAL NOT NULL,
    wait_bins TEXT,
    PRIMARY KEY (level, bucket, status, func_name, queue, source)
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE locks (
    key TEXT NOT NULL,
    task_id TEXT NOT NULL,
    owner TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (key, task_id)
  ) WITHOUT ROWID;
  CREATE INDEX locks_task ON locks (task_id);
  `,
  `
  ALTER TABLE tasks ADD COLUMN redact TEXT;
  ALTER TABLE tasks ADD COLUMN traceparent TEXT;
  ALTER TABLE tasks ADD COLUMN tracestate TEXT;
  `,
  `
  CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    recipient TEXT NOT NULL,
    event TEXT NOT NULL,
    task_id TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    due_at INTEGER,
    attempts INTEGER NOT NULL DEFAULT 0,
    error TEXT,
    body TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX outbox_due ON outbox (recipient, due_at, id);
  `,
  `
  CREATE TABLE deleted_counts (
    func_name TEXT NOT NULL,
    queue TEXT NOT NULL,
    status TEXT NOT NULL,
    tasks INTEGER NOT NULL,
    duration_sum REAL NOT NULL,
    duration_bins TEXT,
    wait_sum REAL NOT NULL,
    wait_bins TEXT,
    PRIMARY KEY (func_name, queue, status)
  ) WITHOUT ROWID;
  CREATE TABLE retry_counts (
    func_name TEXT NOT NULL,
    queue TEXT NOT NULL,
    retries INTEGER NOT NULL,
    PRIMARY KEY (func_name, queue)
  ) WITHOUT ROWID;
  INSERT INTO retry_counts
    SELECT func_name, queue, sum(retries_used) FROM tasks WHERE retries_used > 0 GROUP BY func_name, queue;
  `,
  `
  CREATE TABLE sessions (
    id TEXT PRIMARY KEY,
    user TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL
  ) WITHOUT ROWID;
  CREATE INDEX sessions_user ON sessions (user, seen_at);
  `,
  `
  CREATE TABLE operations (
    id TEXT PRIMARY KEY,
    action TEXT NOT NULL,
    filter TEXT,
    again INTEGER NOT NULL,
    actor TEXT NOT NULL,
    reason TEXT,
    role TEXT,
    address TEXT,
    created_at INTEGER NOT NULL,
    status TEXT NOT NULL,
    worker_id TEXT,
    last_task_id TEXT,
    collected_to TEXT,
    is_collected INTEGER NOT NULL,
    total INTEGER NOT NULL,
    succeeded INTEGER NOT NULL DEFAULT 0,
    skipped INTEGER NOT NULL DEFAULT 0,
    failed INTEGER NOT NULL DEFAULT 0,
    started_at INTEGER,
    ended_at INTEGER,
    cancel_requested_at INTEGER,
    error TEXT
  ) WITHOUT ROWID;
  CREATE INDEX operations_open ON operations (id) WHERE ended_at IS NULL;
  CREATE TABLE operation_items (
    operation_id TEXT NOT NULL,
    task_id TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    new_task_id TEXT,
    settled_at INTEGER,
    PRIMARY KEY (operation_id, task_id)
  ) WITHOUT ROWID;
  CREATE INDEX operation_items_outcome ON operation_items (operation_id, outcome, task_id);
  `,
  `
  CREATE TABLE audit (
    seq INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    role TEXT,
    address TEXT,
    action TEXT NOT NULL,
    target TEXT,
    outcome TEXT NOT NULL,
    reason TEXT,
    code TEXT,
    affected_count INTEGER NOT NULL,
    affected TEXT NOT NULL,
    detail TEXT NOT NULL,
    hash TEXT NOT NULL
  );
  CREATE INDEX audit_actor ON audit (actor);
  CREATE INDEX audit_action ON audit (action);
  CREATE INDEX audit_outcome ON audit (outcome);
  CREATE TABLE audit_head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    entries INTEGER NOT NULL,
    hash TEXT NOT NULL
  );
  INSERT INTO audit_head VALUES (1, 0, '');
  CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
    BEGIN SELECT raise(ABORT, 'The audit log is only added to'); END;
  CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
    BEGIN SELECT raise(ABORT, 'The audit log is only added to'); END;
  CREATE TRIGGER audit_no_replace BEFORE INSERT ON audit WHEN NEW.seq <= (SELECT max(seq) FROM audit)
    BEGIN SELECT raise(ABORT, 'The audit log is only added to'); END;
  CREATE TRIGGER audit_head_no_delete BEFORE DELETE ON audit_head
    BEGIN SELECT raise(ABORT, 'The audit log is only added to'); END;
  CREATE TRIGGER audit_head_forward BEFORE UPDATE ON audit_head WHEN NEW.entries <= OLD.entries
    BEGIN SELECT raise(ABORT, 'The audit log is only added to'); END;
  `,
  `
  ALTER TABLE workers ADD COLUMN facts TEXT;
  CREATE TABLE worker_functions (
    worker_id TEXT PRIMARY KEY,
    func_names TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE paused_queues (
    queue TEXT PRIMARY KEY,
    since INTEGER NOT NULL,
    by TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE error_groups (
    fingerprint TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    message TEXT NOT NULL,
    functions TEXT NOT NULL,
    first_seen INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    sample_task TEXT NOT NULL
  ) WITHOUT ROWID;
  CREATE TABLE error_counts (
    fingerprint TEXT NOT NULL,
    hour INTEGER NOT NULL,
    tasks INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, hour)
  ) WITHOUT ROWID;
  `,
  `
  ALTER TABLE tasks ADD COLUMN error_group TEXT;
  CREATE INDEX tasks_error_group ON tasks (error_group, id) WHERE error_group IS NOT NULL;
  `,
  `
  CREATE TABLE audit_about (
    about TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (about, seq)
  ) WITHOUT ROWID;
  INSERT OR IGNORE INTO audit_about SELECT target, seq FROM audit WHERE target IS NOT NULL;
  INSERT OR IGNORE INTO audit_about SELECT CAST(value AS TEXT), seq FROM audit,
    json_each(CASE WHEN json_valid(affected) THEN affected ELSE '[]' END) WHERE value IS NOT NULL;
  INSERT OR IGNORE INTO audit_about SELECT json_extract(detail, '$.operation'), seq FROM audit
    WHERE json_valid(detail) AND json_type(detail, '$.operation') = 'text';
  CREATE INDEX operation_items_task ON operation_items (task_id, operation_id);
  ALTER TABLE operations ADD COLUMN begins_at INTEGER;
  ALTER TABLE operations ADD COLUMN per_second INTEGER;
  `,
  `
  ALTER TABLE error_groups ADD COLUMN mark TEXT;
  ALTER TABLE error_groups ADD COLUMN marked_at INTEGER;
  ALTER TABLE error_groups ADD COLUMN marked_by TEXT;
  `,
  `
  CREATE TABLE secrets (
    name TEXT PRIMARY KEY,
    secret TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
  `
  CREATE TABLE notes (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) WITHOUT ROWID;
  `,
  // The same names as in other databases: all of them are read by the same statements.
  `
  ALTER TABLE tasks ADD COLUMN urgency INTEGER AS (-coalesce(priority, 0)) VIRTUAL;
  DROP INDEX tasks_priority;
  DROP INDEX tasks_due;
  CREATE INDEX tasks_urgency ON tasks (urgency, id) WHERE urgency <> 0;
  CREATE INDEX tasks_ready ON tasks (run_at, urgency, id) WHERE status = 'pending';
  ALTER TABLE task_tags RENAME COLUMN key TO tag_key;
  ALTER TABLE task_tags RENAME COLUMN value TO tag_value;
  `,
  `
  CREATE INDEX tasks_kind_duration ON tasks (func_name, status, duration_ms, id) WHERE duration_ms IS NOT NULL;
  DROP INDEX tasks_duration;
  `,
  // Of what is there nobody knows the bounds: see `TimeBounds`.
  `
  ALTER TABLE rollups ADD COLUMN earliest INTEGER NOT NULL DEFAULT -8640000000000000;
  ALTER TABLE rollups ADD COLUMN latest INTEGER NOT NULL DEFAULT 8640000000000000;
  `,
]

export const schemaVersion = migrations.length

/** Brings the schema up to date in one transaction; refuses a file that a newer version has written, and leaves it as it is. */
export function migrate(db: Database): void {
  inTransaction(db, () => {
    db.exec('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)')
    const found = db.prepare<[], number>('SELECT version FROM schema_version').pluck().get()
    const version = found ?? 0
    if (version > schemaVersion) throw newerSchema(version, schemaVersion)
    for (const statements of migrations.slice(version)) db.exec(statements)
    if (found === undefined) db.prepare('INSERT INTO schema_version VALUES (?)').run(schemaVersion)
    else db.prepare('UPDATE schema_version SET version = ?').run(schemaVersion)
  })
}
