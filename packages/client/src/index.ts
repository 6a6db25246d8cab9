export { createClient } from './client.ts'
export type { CallOptions, Client, CommandOptions, LogAsk, StreamAsk, TimelineAsk } from './client.ts'
export { ClientError, isAborted, toProblem } from './http.ts'
export type { ClientOptions, HeaderSource } from './http.ts'
export { openLiveStream } from './stream.ts'
export type { LiveStream, StreamOptions, Visibility } from './stream.ts'
export { systemTiming } from './timing.ts'
export type { Timing } from './timing.ts'
export { createDashboardStore } from './dashboard-store.ts'
export type { DashboardStoreOptions } from './store/core.ts'
export { detailTabs, tabNames } from './state.ts'
export type {
  Connection,
  ConnectionKind,
  CsvFile,
  CsvProgress,
  DashboardState,
  DashboardStore,
  DetailTab,
  ListState,
  OpenTask,
  TabName,
  TimeRange,
  Toast,
  ViewQuery,
} from './state.ts'
export { canDo, canRead, deadLetterCount, filterChips, hasFilter, offeredActions, pageWords } from './select.ts'
export type { FilterChip, OfferedAction, TaskVerb } from './select.ts'
export { createFormatter, formatDuration, formatRelative, shortId } from './format.ts'
export type { FormatOptions, Formatter } from './format.ts'
export {
  decodeView,
  encodeView,
  initialView,
  isFiltered,
  readView,
  searchProblem,
  toTaskFilter,
  toTaskQuery,
} from './view-query.ts'
export { browserSnapshots, browserStorage, createPersistence } from './persist.ts'
export type { KeyValueStorage, Persistence, Preferences, Snapshot, SnapshotStorage } from './persist.ts'
export { csvColumns, csvName, exportTasks, tasksToCsv } from './csv.ts'
export type { ExportOptions } from './csv.ts'
