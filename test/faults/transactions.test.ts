import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { startPeer } from './processes.ts'
import { nextFile, openWatched } from './temporary.ts'

/** What is in the file once its process is dead, and what a new process makes of it. */
async function openAfter(file: string) {
  const { tasks, faults } = openWatched({ store: file })
  const sent: unknown[] = []
  const sendMail = tasks.define('send_mail', (order: string) => void sent.push(order))
  await tasks.start()
  const db = new Database(file)
  const orders = db.prepare('SELECT id FROM orders ORDER BY id').pluck().all() as string[]
  return { tasks, faults, sent, sendMail, db, orders }
}

describe('a process that is killed while it enqueues inside its own transaction', () => {
  it('before the commit: neither the order nor the task was ever there', async () => {
    const file = nextFile()
    const peer = startPeer('transaction-worker.mjs', [file, 'before commit'])
    await peer.hear('written')
    peer.child.kill('SIGKILL')
    await peer.exited

    const { tasks, faults, sent, sendMail, db, orders } = await openAfter(file)
    await tasks.idle()
    expect([orders, sent]).toEqual([[], []])
    expect(await tasks.list()).toMatchObject({ total: 0 })
    expect(await tasks.reconcile({ dryRun: true })).toMatchObject({ differing: 0 })
    const options = { idempotencyKey: 'order', locks: ['order'] }
    expect(db.transaction(() => sendMail.with(options).enqueueIn(db, 'order'))()).toMatchObject({ deduplicated: false })
    await tasks.idle()
    expect(sent).toEqual(['order'])
    expect(faults).toEqual([])
    db.close()
  })

  it('right after the commit: both are there, and the next process runs the task', async () => {
    const file = nextFile()
    const peer = startPeer('transaction-worker.mjs', [file, 'after commit'])
    const id = (await peer.hear('committed')).split(' ')[1]!
    peer.child.kill('SIGKILL')
    await peer.exited

    const { tasks, sent, db, orders } = await openAfter(file)
    await tasks.idle()
    expect([orders, sent]).toEqual([['order'], ['order']])
    expect(await tasks.get(id)).toMatchObject({ status: 'success', attempt: 1 })
    expect(await tasks.locks()).toEqual([])
    expect(await tasks.reconcile({ dryRun: true })).toMatchObject({ differing: 0 })
    db.close()
  })
})

it('three processes enqueue inside and outside of transactions at once: nothing is lost, nothing is doubled', async () => {
  const file = nextFile()
  const count = 60
  // The first one makes the tables of the host.
  const peers = [startPeer('transaction-worker.mjs', [file, 'race', String(count), 'a'])]
  await peers[0]!.hear('ready')
  for (const name of ['b', 'c']) peers.push(startPeer('transaction-worker.mjs', [file, 'race', String(count), name]))
  await Promise.all(peers.map((peer) => peer.hear('done')))
  await Promise.all(peers.map((peer) => peer.exited))

  const { tasks, faults, db, orders } = await openAfter(file)
  await tasks.idle()
  const all = ['a', 'b', 'c'].flatMap((name) => Array.from({ length: count }, (_, n) => [name, n] as const))
  const kept = all.filter(([, n]) => n % 3 !== 0).map(([name, n]) => `${name} ${n}`)
  expect(orders).toEqual([...kept].sort())
  const rows = db.prepare('SELECT args, status, attempt FROM tasks').all() as { args: string; status: string }[]
  const wanted = [...kept, ...all.map(([name, n]) => `${name} ${n} outside`)]
  expect(rows.map(({ args }) => (JSON.parse(args) as string[]).join()).sort()).toEqual(wanted.sort())
  expect(rows.filter((row) => row.status !== 'success' || (row as { attempt?: number }).attempt !== 1)).toEqual([])
  expect(await tasks.reconcile({ dryRun: true })).toMatchObject({ differing: 0 })
  expect(faults).toEqual([])
  db.close()
}, 60_000)
