import type { TaskRecord } from '../../core/record.ts'

interface Bucket {
  readonly priority: number
  readonly records: TaskRecord[]
  /** Where the next one is; what lies before was taken. */
  head: number
}

/** Waiting tasks of one function: highest priority first, then in the order they came. */
export class ReadyQueue {
  /** Highest priority first. There are few distinct ones. */
  readonly #buckets: Bucket[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  push(record: TaskRecord): void {
    this.#bucketOf(record.priority ?? 0).records.push(record)
    this.#size += 1
  }

  /** Puts it before all of its priority. */
  unshift(record: TaskRecord): void {
    const bucket = this.#bucketOf(record.priority ?? 0)
    if (bucket.head === 0) bucket.records.unshift(record)
    else bucket.records[(bucket.head -= 1)] = record
    this.#size += 1
  }

  peek(): TaskRecord | undefined {
    const bucket = this.#buckets[0]
    return bucket?.records[bucket.head]
  }

  shift(): TaskRecord | undefined {
    const bucket = this.#buckets[0]
    const record = bucket?.records[bucket.head]
    if (!bucket || !record) return undefined
    bucket.head += 1
    this.#size -= 1
    if (bucket.head === bucket.records.length) this.#buckets.shift()
    else if (bucket.head >= 256 && bucket.head * 2 > bucket.records.length) {
      bucket.records.splice(0, bucket.head)
      bucket.head = 0
    }
    return record
  }

  peekLast(): TaskRecord | undefined {
    return this.#buckets.at(-1)?.records.at(-1)
  }

  /** The newest of the lowest priority. */
  pop(): TaskRecord | undefined {
    const bucket = this.#buckets.at(-1)
    const record = bucket?.records.pop()
    if (!bucket || !record) return undefined
    this.#size -= 1
    if (bucket.head === bucket.records.length) this.#buckets.pop()
    return record
  }

  /** Takes the task with this id out; a scan, for what operators do. */
  remove(taskId: string): TaskRecord | undefined {
    for (const [position, bucket] of this.#buckets.entries()) {
      const index = bucket.records.findIndex((record, at) => at >= bucket.head && record.taskId === taskId)
      if (index < 0) continue
      const [record] = bucket.records.splice(index, 1)
      this.#size -= 1
      if (bucket.head === bucket.records.length) this.#buckets.splice(position, 1)
      return record
    }
    return undefined
  }

  /** Takes all of a queue out. */
  removeOf(queue: string): readonly TaskRecord[] {
    const kept: TaskRecord[] = []
    const removed: TaskRecord[] = []
    for (let record = this.shift(); record; record = this.shift())
      (record.queue === queue ? removed : kept).push(record)
    for (const record of kept) this.push(record)
    return removed
  }

  clear(): void {
    this.#buckets.length = 0
    this.#size = 0
  }

  #bucketOf(priority: number): Bucket {
    const index = this.#buckets.findIndex((bucket) => bucket.priority <= priority)
    const found = index < 0 ? undefined : this.#buckets[index]
    if (found?.priority === priority) return found
    const bucket: Bucket = { priority, records: [], head: 0 }
    this.#buckets.splice(index < 0 ? this.#buckets.length : index, 0, bucket)
    return bucket
  }
}
