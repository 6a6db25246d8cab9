import type { Database, Statement } from './driver/port.ts'
import type { StrayAnswer, StrayKind, StrayQuestion } from '../store.ts'
import type { GroupCommit } from './group-commit.ts'

/** One slice holds the event loop about this long. */
const sliceMs = 5

interface Step {
  /** Where to go on; null at the end. */
  readonly next: string | null
  readonly found: number
}

/** Finds rows that outlived their task, along the index of each table, a slice of time at once. */
export class Strays {
  readonly #steps: Readonly<Record<StrayKind, (after: string | null, remove: boolean) => Step>>

  constructor(
    db: Database,
    private readonly commit: GroupCommit,
  ) {
    const isThere = 'SELECT 1 FROM tasks WHERE id = ?'
    const isHolding = `${isThere} AND status IN ('pending', 'running')`
    this.#steps = {
      locks: byTask(db, 'locks', isHolding),
      attempts: byTask(db, 'attempts', isThere),
      logs: byTask(db, 'logs', isThere),
      tags: tagSteps(db),
    }
  }

  find({ kind, after, remove }: StrayQuestion): Promise<StrayAnswer> {
    return this.commit.run(() => {
      const endMs = performance.now() + sliceMs
      let found = 0
      let place = after
      do {
        const step = this.#steps[kind](place, remove)
        found += step.found
        place = step.next
      } while (place !== null && performance.now() < endMs)
      return { found, next: place }
    })
  }
}

/** One task per step. */
function byTask(db: Database, table: string, known: string): (after: string | null, remove: boolean) => Step {
  const next = single(db, `SELECT min(task_id) FROM ${table} WHERE task_id > ?`)
  const isKnown = single(db, known)
  const count = single(db, `SELECT count(*) FROM ${table} WHERE task_id = ?`)
  const drop = db.prepare(`DELETE FROM ${table} WHERE task_id = ?`)
  return (after, remove) => {
    const taskId = next.get(after ?? '') as string | null
    if (taskId === null) return { next: null, found: 0 }
    if (isKnown.get(taskId) !== undefined) return { next: taskId, found: 0 }
    const found = Number(count.get(taskId))
    if (remove) drop.run(taskId)
    return { next: taskId, found }
  }
}

type TagRow = readonly [key: string, value: string, taskId: string, isKnown: number]

const tagsAtOnce = 200

/** Tags lie by key and value: a step reads some of them in that order. */
function tagSteps(db: Database): (after: string | null, remove: boolean) => Step {
  const read = db
    .prepare<unknown[], TagRow>(
      `SELECT tag_key, tag_value, task_id, EXISTS (SELECT 1 FROM tasks WHERE tasks.id = task_id) FROM task_tags
       WHERE (tag_key, tag_value, task_id) > (?, ?, ?) ORDER BY tag_key, tag_value, task_id LIMIT ${tagsAtOnce}`,
    )
    .raw()
  const drop = db.prepare('DELETE FROM task_tags WHERE tag_key = ? AND tag_value = ? AND task_id = ?')
  return (after, remove) => {
    const rows = read.all(...(after === null ? ['', '', ''] : (JSON.parse(after) as string[])))
    const strays = rows.filter(([, , , isKnown]) => isKnown === 0)
    if (remove) for (const [key, value, taskId] of strays) drop.run(key, value, taskId)
    const last = rows.length < tagsAtOnce ? undefined : rows.at(-1)
    return { next: last ? JSON.stringify(last.slice(0, 3)) : null, found: strays.length }
  }
}

function single(db: Database, sql: string): Statement<unknown[], unknown> {
  return db.prepare<unknown[], unknown>(sql).pluck()
}
