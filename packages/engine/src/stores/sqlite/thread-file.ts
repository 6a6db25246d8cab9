import type { SqliteDriver } from './driver/port.ts'

/** What a thread of ours is told of the file: the same driver opens it there. */
export interface ThreadFile {
  readonly path: string
  readonly driver: SqliteDriver
}
