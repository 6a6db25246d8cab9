import { execFileSync } from 'node:child_process'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { startPeer, type Peer } from './processes.ts'
import { nextFile } from './temporary.ts'

interface Report {
  readonly held: string
  readonly acknowledged: number
  readonly lost: number
  readonly success: number
  readonly running: number
  readonly pending: number
}

/** Answers with why the first task was refused. */
async function expectRecovery(peer: Peer, path: string, makeRoom: () => void): Promise<string> {
  const reason = await peer.hear('full')
  expect(reason).toMatch(/^full store_failed The store refused a write: (database or disk is full|disk I\/O error)/)
  makeRoom()
  peer.say('room')
  const report = JSON.parse((await peer.hear('report')).slice('report '.length)) as Report
  await peer.exited
  expect(report).toMatchObject({ held: 'success', lost: 0, running: 0, pending: 0 })
  expect(report.acknowledged).toBeGreaterThan(20)
  // Nothing that was refused is there after all.
  expect(report.success).toBe(report.acknowledged + 1)
  const db = new Database(path, { readonly: true })
  expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  db.close()
  return reason
}

describe('a disk that is full', () => {
  it('refuses new tasks, keeps what it took, and goes on when there is room', { timeout: 30_000 }, async () => {
    const path = nextFile()
    // A limit of the size of files, in blocks of 512 bytes, which needs no rights; only the soft one, so that it can be lifted.
    const peer = startPeer('disk-worker.mjs', [path], 'ulimit -S -f 8192')
    await expectRecovery(peer, path, () => {
      execFileSync('prlimit', ['--pid', String(peer.child.pid), '--fsize=unlimited:unlimited'])
    })
  })

  it('does the same when SQLite itself says that there is no room', { timeout: 30_000 }, async () => {
    const path = nextFile()
    const peer = startPeer('disk-worker.mjs', [path, '1000'])
    const reason = await expectRecovery(peer, path, () => undefined)
    expect(reason).toContain('database or disk is full')
  })
})
