export { errorKind, type ErrorKind } from '../core/error-group.ts'
export { createRecord, transition } from '../core/record.ts'
export type { Birth, Creation, LogLine, TaskRecord, TaskRequest, Transition } from '../core/record.ts'
export { chainEntry, checkChain, emptyHead, withDeleted, type AuditHead, type ChainSlice } from './audit-chain.ts'
export { memory } from './memory/index.ts'
export { insertTask, saveTask, type Inserted } from './one-write.ts'
export { sqlite, type SqliteOptions } from './sqlite/index.ts'
export type { Durability } from './sqlite/connection.ts'
export type { SqliteDriver } from './sqlite/driver/port.ts'
export { itemOutcomes, operationActions, operationStatuses } from './operations.ts'
export { transferKinds } from './transfer/port.ts'
export { digestOf, type TransferDigest } from './transfer/digest.ts'
export { planTransfer, type TransferEnds, type TransferPlan } from './transfer/plan.ts'
export {
  compareHistories,
  transferHistory,
  type KindComparison,
  type TransferOptions,
  type TransferProgress,
  type TransferReport,
} from './transfer/run.ts'
export type { KindState, TransferState } from './transfer/state.ts'
export type * from './store.ts'
