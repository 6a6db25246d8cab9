import {
  minuteMs,
  parseFilter,
  parseInteger,
  parseWindow,
  parseWord,
  ProtocolError,
  single,
  timelineGroups,
} from '@taskloom/protocol'
import type { TimelineQuestion } from '../../stores/store.ts'
import { maxWindowHours } from '../capabilities.ts'

const hourMs = 60 * minuteMs
const dayMs = 24 * hourMs
/** Widths that people read without thinking. */
const roundWidthsMs = [
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * minuteMs),
  ...[1, 2, 3, 4, 6, 12].map((hours) => hours * hourMs),
  ...[1, 2, 7, 14, 30, 90, 365].map((days) => days * dayMs),
]
const wantedBuckets = 72
const maxBuckets = 1_500

/**
 * What a time line is asked for. The filter's own bounds win over `hours`; buckets begin on round instants, so that the
 * same task stays in the same bucket from one request to the next.
 */
export function readTimelineQuestion(query: URLSearchParams, now: number): TimelineQuestion {
  const filter = parseFilter(query, now)
  const hours = parseInteger(query, 'hours', { min: 1, max: maxWindowHours, fallback: 24 })
  const group = parseWord(query, 'group', timelineGroups, 'status')
  const end = filter.until ?? Math.ceil(now / minuteMs) * minuteMs
  const start = filter.since ?? Math.max(0, end - hours * hourMs)
  const bucketMs = readBucket(query, end - start)
  const until = Math.ceil(end / bucketMs) * bucketMs
  const isWhole = filter.since !== null
  const since = isWhole
    ? Math.floor(start / bucketMs) * bucketMs
    : until - Math.ceil((end - start) / bucketMs) * bucketMs
  return { filter, since: Math.max(0, since), until, bucketMs, group }
}

/** The narrowest round width that shows `spanMs` in about sixty buckets. */
export function chooseBucket(spanMs: number): number {
  const round = roundWidthsMs.find((widthMs) => spanMs / widthMs <= wantedBuckets)
  return round ?? Math.ceil(spanMs / wantedBuckets / (365 * dayMs)) * 365 * dayMs
}

function readBucket(query: URLSearchParams, spanMs: number): number {
  const text = single(query, 'bucket')
  if (text === null || text === '') return chooseBucket(spanMs)
  const bucketMs = parseWindow(text)
  if (bucketMs === null) throw bad('<N>m, <N>h or <N>d')
  if (spanMs / bucketMs > maxBuckets) throw bad(`at most ${maxBuckets} buckets`)
  return bucketMs
}

function bad(expected: string): ProtocolError {
  return new ProtocolError('bad_query', `bucket: expected ${expected}`, { parameter: 'bucket' })
}
