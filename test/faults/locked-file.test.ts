import { describe, expect, it } from 'vitest'
import { startPeer } from './processes.ts'
import { nextFile, openWatched } from './temporary.ts'

const lockMs = 3_000

/** Measures how long the event loop was away at most, until it is told to stop. */
function watchLoop(): () => number {
  let longestMs = 0
  let lastMs = performance.now()
  const timer = setInterval(() => {
    const nowMs = performance.now()
    longestMs = Math.max(longestMs, nowMs - lastMs)
    lastMs = nowMs
  }, 5)
  return () => {
    clearInterval(timer)
    return longestMs
  }
}

describe('a file that another process locks for three seconds', () => {
  it('does not stop the host, and loses nothing', { timeout: 20_000 }, async () => {
    const path = nextFile()
    const { tasks, faults } = openWatched({ store: path })
    const held: (() => void)[] = []
    tasks.define('work', (n: number) => n)
    tasks.define('held', () => new Promise<void>((resolve) => held.push(resolve)))
    await tasks.start()
    const before = await tasks.enqueue('held')
    await expect.poll(() => held.length).toBe(1)

    const lock = startPeer('lock-worker.mjs', [path, String(lockMs)])
    await lock.hear('locked')
    const lockedAtMs = performance.now()
    const stopWatching = watchLoop()
    held[0]?.()
    let isUnlocked = false
    void lock.hear('unlocked').then(() => (isUnlocked = true))
    let early = 0
    const enqueued = Array.from({ length: 500 }, (_, n) =>
      tasks.enqueue('work', [n]).then(({ id }) => {
        if (performance.now() - lockedAtMs < lockMs - 500 && !isUnlocked) early += 1
        return id
      }),
    )
    // Reading goes on while the file is locked for writing.
    expect(await tasks.get(before.id)).toMatchObject({ status: 'running' })
    const ids = await Promise.all(enqueued)
    expect(early).toBe(0)
    await tasks.idle()
    // Each try to get the lock waits 20 ms; the rest is what a busy machine adds. A blocking wait would take 3 s.
    expect(stopWatching()).toBeLessThan(600)
    expect(new Set(ids).size).toBe(500)
    const records = await Promise.all([before.id, ...ids].map((id) => tasks.get(id)))
    expect(records.filter((record) => record?.status !== 'success' || record.attempt !== 1)).toEqual([])
    expect(faults).toEqual([])
  })

  it('can be opened while it is locked: start waits', { timeout: 20_000 }, async () => {
    const path = nextFile()
    const first = openWatched({ store: path })
    await first.tasks.start()
    await first.tasks.shutdown()
    const lock = startPeer('lock-worker.mjs', [path, '1000'])
    await lock.hear('locked')
    const stopWatching = watchLoop()
    const { tasks } = openWatched({ store: path })
    tasks.define('work', () => 1)
    await tasks.start()
    expect(stopWatching()).toBeLessThan(600)
    expect(lock.lines).toContain('unlocked')
    expect(await tasks.wait((await tasks.enqueue('work')).id)).toMatchObject({ status: 'success' })
  })
})
