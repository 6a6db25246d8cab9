import { readFileSync } from 'node:fs'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { startPeer } from './processes.ts'
import { nextFile } from './temporary.ts'

const raceMs = 5_000

interface Row {
  readonly id: string
  readonly func: string
  readonly status: string
  readonly attempt: number
  readonly interruptions: number
  readonly key: string | null
  readonly slot: number | null
}

describe('five processes on one file', () => {
  it('race for keys, slots and what the dead left: no doubles, none lost', { timeout: 40_000 }, async () => {
    const path = nextFile()
    const journal = `${path}.journal`
    const beganAt = Date.now()
    const start = (name: string) =>
      startPeer('racing-worker.mjs', [path, journal, String(beganAt), String(raceMs), name])
    const peers = Array.from({ length: 5 }, (_, index) => start(`p${index}`))
    await Promise.all(peers.map((peer) => peer.hear('started')))
    // Two die in the middle, and others take their places: everybody recovers at once.
    for (const victim of peers.splice(0, 2)) {
      victim.child.kill('SIGKILL')
      await victim.exited
      peers.push(start('late'))
    }
    await Promise.all(peers.map((peer) => peer.hear('raced')))
    for (const peer of peers) peer.say('finish')
    await Promise.all(peers.map((peer) => peer.hear('finished')))

    const db = new Database(path, { readonly: true })
    const rows = db
      .prepare<[], Row>(
        `SELECT id, func_name AS func, status, attempt, interruptions, idempotency_key AS key, slot_at AS slot FROM tasks`,
      )
      .all()
    db.close()
    const facts = readFileSync(journal, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
    const known = new Map(rows.map((row) => [row.id, row]))
    const lost = facts.filter(([word, id = '']) => word === 'ack' && !known.has(id))
    expect(lost).toEqual([])
    expect(rows.length).toBeGreaterThan(200)
    expect(rows.filter(({ status }) => status !== 'success' && status !== 'interrupted')).toEqual([])

    // No attempt began twice, and a further attempt is there only after an interruption.
    const starts = facts.flatMap(([word, id, attempt]) => (word === 'run' ? [`${id}/${attempt}`] : []))
    expect(new Set(starts).size).toBe(starts.length)
    expect(
      rows.filter(({ attempt, interruptions, status }) => attempt !== interruptions + (status === 'success' ? 1 : 0)),
    ).toEqual([])
    // Only the two that died left tasks behind: at most what ran in each.
    expect(rows.filter(({ interruptions }) => interruptions > 0).length).toBeLessThanOrEqual(2 * 10)

    const holders = rows.filter(({ key, status }) => key !== null && status === 'success').map(({ key }) => key)
    expect(holders.length).toBeGreaterThan(50)
    expect(new Set(holders).size).toBe(holders.length)
    const slots = rows
      .flatMap(({ func, slot }) => (func === 'tick' && slot !== null ? [slot] : []))
      .sort((a, b) => a - b)
    expect(slots.length).toBeGreaterThan(10)
    // Each slot once, without a gap.
    expect(slots).toEqual(slots.map((_, index) => slots[0]! + index * 1_000))
  })
})
