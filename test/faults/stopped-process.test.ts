import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { startPeer } from './processes.ts'
import { nextFile } from './temporary.ts'

interface Row {
  readonly status: string
  readonly attempt: number
  readonly interruptions: number
  readonly result: string | null
}

function rowOf(path: string, id: string): Row | undefined {
  const db = new Database(path, { readonly: true })
  try {
    return db
      .prepare<[string], Row>(
        `SELECT status, attempt, interruptions, (SELECT result FROM tasks t WHERE t.id = tasks.id) AS result
           FROM tasks WHERE id = ?`,
      )
      .get(id)
  } finally {
    db.close()
  }
}

describe('a process that stands still for longer than its lease', () => {
  it('is fenced when it goes on: its tasks are marked, its results rejected', { timeout: 30_000 }, async () => {
    const path = nextFile()
    const beganAt = String(Date.now())
    const first = startPeer('stopped-worker.mjs', [path, 'first', beganAt])
    const [, heldId = '', safeId = ''] = (await first.hear('enqueued')).split(' ')
    await first.hear(`run ${heldId}`)
    await first.hear(`run ${safeId} attempt 1`)
    await first.hear('ready')
    const second = startPeer('stopped-worker.mjs', [path, 'second', beganAt])
    await second.hear('ready')

    first.child.kill('SIGSTOP')
    await expect.poll(() => rowOf(path, heldId)?.status, { timeout: 15_000 }).toBe('interrupted')
    // The one that may be repeated is run by the other process, and says so.
    await second.hear(`run ${safeId} attempt 2`)
    await expect.poll(() => rowOf(path, safeId)?.status).toBe('success')
    first.child.kill('SIGCONT')
    first.say('end')
    await first.hear(`fault ${heldId} a result came too late`)
    await first.hear(`fault ${safeId} a result came too late`)

    expect(rowOf(path, heldId)).toMatchObject({ status: 'interrupted', attempt: 1, interruptions: 1, result: null })
    expect(rowOf(path, safeId)).toMatchObject({ status: 'success', attempt: 2, interruptions: 1 })
    expect(rowOf(path, safeId)?.result).toContain('second')
    expect(second.lines.filter((line) => line.startsWith(`run ${heldId}`))).toEqual([])
    // It is a full member again: what it takes from now on is its own.
    first.say('more')
    await first.hear('more')
    for (const peer of [first, second]) peer.say('quit')
    await Promise.all([first.exited, second.exited])
  })
})
