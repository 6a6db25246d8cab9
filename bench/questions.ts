import { historyEnd } from './histories.ts'

/** What a dashboard asks, as query strings below the mount; `{cursor}` is a cursor from the middle of the history. */
export interface Question {
  readonly name: string
  readonly path: string
  /** The bound of the ratio 1,000,000 : 10,000. */
  readonly bound: number
}

// Fixed instants, for the history ends at a fixed one.
const instantBefore = (days: number): string => new Date(historyEnd - days * 86_400_000).toISOString()
const lastDays = (days: number): string => `since=${instantBefore(days)}&until=${instantBefore(0)}`

export const questions: readonly Question[] = [
  { name: 'list, newest first', path: '', bound: 3 },
  { name: 'list, deep page', path: '?cursor={cursor}', bound: 3 },
  { name: 'list, status=failed', path: '?status=failed', bound: 3 },
  { name: 'list, two statuses', path: '?status=failed&status=interrupted', bound: 3 },
  { name: 'list, func_name', path: '?func_name={func}', bound: 3 },
  { name: 'list, queue', path: '?queue={queue}', bound: 3 },
  { name: 'list, source', path: '?source=scheduled', bound: 3 },
  { name: 'list, tag', path: '?tag={tag}', bound: 3 },
  { name: 'list, worker_id', path: '?worker_id={worker}', bound: 3 },
  { name: 'list, last 24 h', path: `?${lastDays(1)}`, bound: 3 },
  { name: 'list, last 24 h and status', path: `?${lastDays(1)}&status=failed`, bound: 3 },
  { name: 'list, function and status', path: '?func_name={func}&status=failed', bound: 3 },
  { name: 'list, sort=duration', path: '?sort=duration', bound: 3 },
  { name: 'list, sort=func_name', path: '?sort=func_name&order=asc', bound: 3 },
  { name: 'list, sort=end_time', path: '?sort=end_time', bound: 3 },
  { name: 'metrics', path: '/metrics', bound: 3 },
  { name: 'metrics, last 7 d', path: `/metrics?${lastDays(7)}`, bound: 3 },
  { name: 'metrics, func_name', path: '/metrics?func_name={func}', bound: 3 },
  { name: 'timeline, 24 h', path: `/timeline?${lastDays(1)}`, bound: 3 },
  { name: 'timeline, 30 d', path: `/timeline?${lastDays(30)}`, bound: 3 },
  { name: 'timeline, status=failed', path: `/timeline?${lastDays(7)}&status=failed`, bound: 3 },
  { name: 'types', path: '/types', bound: 3 },
  { name: 'queues', path: '/queues', bound: 3 },
  { name: 'search, function name', path: '?q={word}', bound: 30 },
  { name: 'search, end of an id', path: '?q={suffix}', bound: 30 },
  { name: 'search, start of an id', path: '?q={prefix}', bound: 30 },
  { name: 'search, nothing found', path: '?q=zzzzzzzz', bound: 30 },
  { name: 'search, error text', path: '?q=error%3Atimeout', bound: 30 },
]
