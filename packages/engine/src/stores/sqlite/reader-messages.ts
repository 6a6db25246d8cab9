import type { TaskViews } from '../store.ts'
import type { AuditReads } from './audit.ts'

/** What the reader thread answers. */
export type ReadVerbs = TaskViews & AuditReads

export const viewNames = [
  'list',
  'metrics',
  'timeline',
  'types',
  'queues',
  'detail',
  'lineage',
  'logs',
  'lastRuns',
  'ids',
  'meters',
  'auditPage',
  'auditCheck',
  'load',
  'errors',
  'args',
  'histogram',
  'latency',
  'runs',
  'ends',
] as const
export type ViewName = (typeof viewNames)[number] & keyof ReadVerbs

/** Tells the thread to let go of its connection and end. */
export const closeReader = 'close'

export interface ReaderQuestion {
  readonly id: number
  readonly name: ViewName
  readonly input: unknown
}

export interface ReaderAnswer {
  readonly id: number
  readonly value: unknown
  readonly error: string | null
}

export function isReaderQuestion(message: unknown): message is ReaderQuestion {
  const { id, name } = (message ?? {}) as Partial<ReaderQuestion>
  return typeof id === 'number' && viewNames.some((known) => known === name)
}

export function isReaderAnswer(message: unknown): message is ReaderAnswer {
  const { id, error } = (message ?? {}) as Partial<ReaderAnswer>
  return typeof id === 'number' && (error === null || typeof error === 'string')
}
