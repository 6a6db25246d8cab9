import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
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

async function expectRecovery(peer: Peer, path: string, makeRoom: () => void): Promise<void> {
  expect(await peer.hear('full')).toMatch(
    /^full store_failed The store refused a write: (database or disk is full|disk I\/O error)/,
  )
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

  it('does the same on a small file system of its own', { timeout: 30_000 }, async (context) => {
    const folder = `${nextFile()}.mount`
    mkdirSync(folder)
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=12m', 'tmpfs', folder], { stdio: 'ignore' })
    } catch {
      return context.skip('mounting needs rights that this user lacks; the limit of file sizes above stands for it')
    }
    try {
      const ballast = join(folder, 'ballast')
      writeFileSync(ballast, Buffer.alloc(6 * 1_048_576))
      const path = join(folder, 'tasks.db')
      const peer = startPeer('disk-worker.mjs', [path])
      await expectRecovery(peer, path, () => rmSync(ballast))
    } finally {
      execFileSync('umount', [folder])
    }
  })
})
