export { createClient } from './client.ts'
export type {
  AnswerOfRoute,
  CallOptions,
  Client,
  CommandOptions,
  LogAsk,
  RouteAsk,
  StreamAsk,
  TimelineAsk,
} from './client.ts'
export { ClientError, isAborted, toProblem } from './http.ts'
export type { Ask, ClientOptions, HeaderSource } from './http.ts'
export { openLiveStream } from './stream.ts'
export type { LiveStream, StreamOptions, Visibility } from './stream.ts'
export { systemTiming } from './timing.ts'
export type { Timing } from './timing.ts'
export { createDashboardStore } from './dashboard-store.ts'
export type { DashboardStoreOptions } from './store/core.ts'
export { filterWords } from './store/selection.ts'
export { chartSeries, detailTabs, tabNames } from './state.ts'
export type { Catalogue, Words, WordTable, WordValues } from './words.ts'
export type {
  ChartSeries,
  Command,
  Conflict,
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
export {
  canDo,
  canRead,
  canUndo,
  deadLetterCount,
  filterChips,
  hasFilter,
  offeredActions,
  pageWords,
  versionGap,
} from './select.ts'
export type { FilterChip, OfferedAction, TaskVerb } from './select.ts'
export { negatedTerm, termOf, typedTerms, withTerm } from './search-terms.ts'
export type { TypedTerm } from './search-terms.ts'
export { createFormatter, formatDuration, formatRelative, lazily, shortId } from './format.ts'
export type { FormatOptions, Formatter } from './format.ts'
export {
  decodeView,
  encodeView,
  formatView,
  initialView,
  isFiltered,
  parseView,
  readTabName,
  readView,
  searchProblem,
  toTaskFilter,
  toTaskQuery,
} from './view-query.ts'
export { maxSavedViews, readSavedViews, writeSavedViews } from './saved-views.ts'
export type { SavedView, SavedViews } from './saved-views.ts'
export { browserSnapshots, browserStorage, createPersistence } from './persist.ts'
export type { KeyValueStorage, Persistence, Preferences, Snapshot, SnapshotStorage } from './persist.ts'
export { csvColumns, csvName, exportTasks, tasksToCsv } from './csv.ts'
export type { ExportOptions } from './csv.ts'
export { downloadTasks } from './export.ts'
export type { DownloadOptions } from './export.ts'
