import type { Transition } from '../../core/record.ts'
import { recordColumns, toRow } from '../reading/rows.ts'
import { heldKeyOf } from '../unit/index.ts'
import type { BulkWrite, Guard, Value } from './database.ts'
import { guardOf } from './guess.ts'

/** Rows that change in the same columns, each with the id before them, and were alike in all that the guard looks at. */
interface AlikeRows {
  readonly columns: readonly string[]
  readonly guard: Guard
  readonly rows: Value[][]
}

const hasLogs = recordColumns.indexOf('has_logs')

/**
 * Gathers changes of rows that are known by what the process takes them to be. Rows are compared as they are written: that
 * takes a fraction of what comparing tasks member by member takes.
 */
export class PlainUpdates {
  readonly #groups = new Map<string, AlikeRows>()

  /** The attempt that goes with the change is implied by the task. */
  add({ previous, next, attempt }: Transition): void {
    const before = toRow(previous)
    const after = toRow(next)
    const startedAt = attempt === null ? null : attempt.startedAt
    const hasKey = next.idempotencyKey !== null && previous.status !== next.status
    const row: Value[] = [next.taskId, startedAt]
    let changed = ''
    for (let place = 1; place < after.length; place += 1) {
      if (!isChanged(before, after, place)) continue
      row.push(after[place] as Value)
      changed += `${place} `
    }
    if (hasKey) row.push(heldKeyOf(next))
    const name = `${changed}${hasKey} ${previous.status} ${previous.attempt} ${previous.workerId} ${previous.queue}`
    const group = this.#groups.get(name)
    if (group) group.rows.push(row)
    else this.#groups.set(name, { columns: columnsOf(before, after, hasKey), guard: guardOf(previous), rows: [row] })
  }

  writes(): readonly BulkWrite[] {
    return [...this.#groups.values()].map((group) => ({ kind: 'update', table: 'tasks', keys: ['id'], ...group }))
  }
}

/** Logs of the task may have come from elsewhere meanwhile: they are not taken back. */
function isChanged(before: readonly Value[], after: readonly Value[], place: number): boolean {
  return after[place] !== before[place] && (place !== hasLogs || after[place] === 1)
}

/** In the order of the values behind the id. */
function columnsOf(before: readonly Value[], after: readonly Value[], hasKey: boolean): readonly string[] {
  const changed = recordColumns.filter((_, place) => place > 0 && isChanged(before, after, place))
  return ['attempt_started_at', ...changed, ...(hasKey ? ['held_key'] : [])]
}
