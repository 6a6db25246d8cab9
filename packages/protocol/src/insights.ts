import { array, boolean, instant, integer, named, nullable, number, object, string, type Infer } from './codec.ts'

/** What can be completed in a search box; `tag` and `args` also with the name or the path behind a dot. */
export const suggestionFields = ['func', 'queue', 'tag', 'args', 'worker', 'user', 'error'] as const
/** Values of one answer at most, and where nothing is said. */
export const maxSuggestions = 20
/** So many of the newest tasks are looked at where no count is kept. */
export const maxSampledTasks = 500

/** Codec of {@link Suggestion}. */
export const suggestion = object({
  /** What to write into the search box, without quotes. */
  text: string,
  /** How many tasks have it, among those that were looked at; null where nobody counted. */
  count: nullable(integer),
})
/** One way to go on. */
export type Suggestion = Infer<typeof suggestion>

/** Codec of {@link Suggestions}. */
export const suggestions = object({
  /** As it was asked for. */
  field: string,
  /** Those that begin with the prefix, then those that hold it; the most frequent first. */
  values: array(suggestion),
  /** Whether there are more. */
  truncated: boolean,
  /** So many of the newest tasks were looked at; null where all are counted. */
  sampled: nullable(integer),
})
/** What a search box can be completed with. */
export type Suggestions = Infer<typeof suggestions>

/** Codec of {@link HistogramBucket}. */
export const histogramBucket = object({
  /** Above this many milliseconds; 0 for the first where some took no time at all. */
  fromMs: number,
  /** Up to this many. */
  toMs: number,
  /** How many tasks. */
  count: integer,
})
/** One bar of a histogram. */
export type HistogramBucket = Infer<typeof histogramBucket>

/** Bars of a histogram at most. */
export const maxHistogramBuckets = 40

/** Codec of {@link Histogram}. */
export const histogram = object({
  /** How long tasks took, from the start of the first attempt to the end of the last. */
  duration: array(histogramBucket),
  /** How long they waited for their start. */
  wait: array(histogramBucket),
  /** How many tasks have a duration. */
  samples: integer,
  /** Whether the filter has more tasks than were looked at. */
  isCapped: boolean,
})
/**
 * How durations and waits of ended tasks are spread: bars without gaps, each wider than the one before by the same factor;
 * empty where nothing was measured. Right within 1.1 %.
 */
export type Histogram = Infer<typeof histogram>

/** Codec of {@link LatencyBucket}. */
export const latencyBucket = object({
  /** When it begins. */
  at: instant,
  /** Tasks created in it that have ended. */
  ended: integer,
  /** Those of them that failed. */
  failed: integer,
  /** Half of them took no longer; null where none has ended, as in all that follows. */
  p50DurationMs: named('p50_duration_ms', nullable(number)),
  /** 95 of 100. */
  p95DurationMs: named('p95_duration_ms', nullable(number)),
  /** 99 of 100. */
  p99DurationMs: named('p99_duration_ms', nullable(number)),
  /** Half of them waited no longer. */
  p50WaitMs: named('p50_wait_ms', nullable(number)),
  /** 95 of 100. */
  p95WaitMs: named('p95_wait_ms', nullable(number)),
})
/** One step of a line of latencies. */
export type LatencyBucket = Infer<typeof latencyBucket>

/** Codec of {@link Latency}. */
export const latency = object({
  /** When the first bucket begins. */
  since: instant,
  /** When the last bucket ends. */
  until: instant,
  /** The length of each bucket in milliseconds. */
  bucketMs: integer,
  /** Oldest first, without gaps. */
  buckets: array(latencyBucket),
})
/** Durations and waits over time, by the creation of their tasks as in the chart. */
export type Latency = Infer<typeof latency>
