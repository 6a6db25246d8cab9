export { TaskManager } from './manager.ts'
export type { EnqueueRequest } from './run/enqueuer.ts'
export { local } from './queues/local/index.ts'
export type { Queue, QueueSupports } from './queues/queue.ts'
export type { QueueOptions, ShutdownOptions, TaskManagerOptions } from './manager-options.ts'
export {
  requestScope,
  type KoaResponseContext,
  type RequestMiddleware,
  type RequestScoped,
} from './request-middleware.ts'
export type { RequestLike, ResponseLike } from './core/response.ts'
export type { BoundTask, Enqueued, TaskFunction } from './task-function.ts'
export type { HostConnection } from './stores/host-transactions.ts'
export type { RateLimitOptions } from './core/rate-limit.ts'
export type { FunctionOptions, ScheduleOptions, TaskModule } from './core/definition.ts'
export type { RetryContext, RetryIf, RetryPolicyFunction } from './core/verdict.ts'
export type { ArgumentIssue, SchemaIssue, SchemaResult, StandardSchema } from './core/standard-schema.ts'
export { PermanentError } from './core/permanent-error.ts'
export type { Duration } from './core/duration.ts'
export type { EnqueueOptions } from './core/request.ts'
export type { LogLine, TaskRecord, Transition } from './core/record.ts'
export type { Misfire } from './core/trigger.ts'
export type { EncryptionOptions } from './privacy/keyring.ts'
export type { Clock } from './core/clock.ts'
export {
  ConflictError,
  TaskError,
  type LockConflict,
  type TaskErrorCode,
  type TaskErrorDetails,
} from './core/errors.ts'
export {
  progress,
  snooze,
  taskContext,
  taskLog,
  type LogExtra,
  type ProgressReport,
  type TaskContext,
} from './run/context.ts'
export type { EngineFault, TaskEventListener, TaskEventName, TaskEvents } from './observe/events.ts'
export { fileLogger, type FileLoggerOptions } from './observe/file-logger.ts'
export { stdoutLogger, type StdoutLoggerOptions } from './observe/stdout-logger.ts'
export { memoryLogger, type MemoryLogger } from './observe/memory-logger.ts'
export type { LineOptions } from './observe/line-text.ts'
export { verifyWebhook, webhooks, type WebhookCheck, type WebhookOptions } from './observe/webhooks.ts'
export type { DurableMoment, DurableObserver, Undelivered } from './observe/durable-observer.ts'
export type { Middleware } from './run/middleware.ts'
export { recordSink, type RecordSinkOptions, type RecordField, type SinkRow } from './observe/record-sink.ts'
export type {
  LifeEvent,
  LifeMoment,
  LogEvent,
  Observer,
  ObserverEvent,
  ObserverEventKind,
  ObserverHost,
  ObserverState,
} from './observe/observer.ts'
export type { CleanupReport, Finding, ReconcileReport, UpkeepOptions } from './run/housekeeping.ts'
export type { ManagerSource } from './source/manager-source.ts'
export type { PublicTokenOptions } from './source/public-tokens.ts'
export type { PublicGrant, PublicTokenReader } from './server/public-grant.ts'
export type { AuditVerdict } from './source/audit-check.ts'
export type { SelfTestCheck, SelfTestOptions, SelfTestReport } from './run/self-test.ts'
export type { Change, ChangeListener } from './observe/feed.ts'
export type {
  Act,
  ClearHistoryQuestion,
  PanelBoard,
  RetryFailedQuestion,
  SourceOffers,
  TaskSource,
} from './server/source.ts'
export { hashPassword } from './server/identity/passwords.ts'
export type {
  ApiKeyOptions,
  Authenticate,
  AuthenticateContext,
  AuthOptions,
  HostUser,
  IdentityOptions,
  UserOptions,
} from './server/identity/options.ts'
export type { PanelContent, PanelContext, PanelOptions } from './server/panels.ts'
export { memory, sqlite, type Durability, type SqliteDriver, type SqliteOptions } from './stores/index.ts'
export type * from './stores/store.ts'
