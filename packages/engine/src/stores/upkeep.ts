/** What may be left without its task. */
export type StrayKind = 'locks' | 'attempts' | 'logs' | 'tags'

/** A slice of rows to look through. */
export interface StrayQuestion {
  /** Rows of which kind. */
  readonly kind: StrayKind
  /** Where the slice before ended; null for the first. */
  readonly after: string | null
  /** Whether what is found is deleted. */
  readonly remove: boolean
}

/** What a slice had. */
export interface StrayAnswer {
  /** How many rows have no task. */
  readonly found: number
  /** Null when this was the last slice. */
  readonly next: string | null
}

/** A slice of counts to compare. */
export interface RecountQuestion {
  /** Where the slice before ended; null for the first. */
  readonly after: string | null
  /** Whether counts that are wrong are put right. */
  readonly mend: boolean
}

/** A kept count that is not what its tasks come to. */
export interface CountDifference {
  /** The length of the bucket; null for all time. */
  readonly bucketMs: number | null
  /** The start of the bucket. */
  readonly since: number
  /** Of this function. */
  readonly funcName: string
  /** In this queue. */
  readonly queue: string
  /** From this source. */
  readonly source: string
  /** In this status. */
  readonly status: string
  /** What the store had kept. */
  readonly kept: number
  /** The same as `kept` when only durations differ. */
  readonly counted: number
}

/** What a slice came to. */
export interface RecountAnswer {
  /** Buckets that were looked at. */
  readonly checked: number
  /** Counts that were not right. */
  readonly differing: number
  /** Some of them. */
  readonly examples: readonly CountDifference[]
  /** Where the next slice begins; null when this was the last one. */
  readonly next: string | null
}

/** Looking after what is stored, in slices that hold nobody up. */
export interface UpkeepStore {
  /** Finds rows whose task is not there, and locks whose task has ended. */
  strays(question: StrayQuestion): Promise<StrayAnswer>
  /** Compares counts that the store keeps beside its tasks with the tasks; a store that keeps none has nothing to do. */
  recount(question: RecountQuestion): Promise<RecountAnswer>
}
