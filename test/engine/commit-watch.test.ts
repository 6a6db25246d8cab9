import { expect, it, vi } from 'vitest'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { CommitWatch } from '../../packages/engine/src/run/commit-watch.ts'

function openWatch() {
  const clock = createFakeClock()
  const committed = new Set<string>()
  const told: string[] = []
  const faults: unknown[] = []
  const connection = { open: true, readonly: false, inTransaction: true, prepare: () => undefined }
  const find = vi.fn(async (id: string) => (committed.has(id) ? buildRecord({ taskId: id }) : undefined))
  const watch = new CommitWatch({
    clock,
    find,
    onCommitted: ({ taskId }) => void told.push(`${taskId} committed`),
    onGone: ({ taskId }) => void told.push(`${taskId} gone`),
    onFault: (error) => void faults.push(error),
  })
  const add = (taskId: string) => watch.add(connection, buildRecord({ taskId }))
  return { clock, committed, told, faults, connection, find, watch, add }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

it('looks before the next turn, then ever more rarely, and never more often than it must', async () => {
  const { clock, committed, told, connection, find, add } = openWatch()
  add('a')
  await Promise.resolve()
  expect(find).toHaveBeenCalledTimes(1)
  await turn()
  await turn()
  expect(find).toHaveBeenCalledTimes(2)
  await clock.advance(20_000)
  expect(find.mock.calls.length).toBeLessThan(40)
  expect(told).toEqual([])
  committed.add('a')
  connection.inTransaction = false
  await clock.advance(1_000)
  expect(told).toEqual(['a committed'])
  expect(clock.pending).toBe(0)
})

it('notices a commit although the next transaction is open already', async () => {
  const { clock, committed, told, connection, add } = openWatch()
  add('a')
  await turn()
  committed.add('a')
  add('b')
  await turn()
  expect(told).toEqual(['a committed'])
  connection.inTransaction = false
  await clock.advance(1_000)
  expect(told).toEqual(['a committed', 'b gone'])
})

it('gives up a transaction that is open for more than a minute, and one whose connection is closed', async () => {
  const { clock, told, connection, add } = openWatch()
  add('a')
  await clock.advance(61_000)
  expect(told).toEqual(['a gone'])
  add('b')
  connection.open = false
  await clock.advance(1_000)
  expect(told).toEqual(['a gone', 'b gone'])
  expect(clock.pending).toBe(0)
})

it('tells a fault of the store once and goes on', async () => {
  const { committed, told, faults, connection, find, add } = openWatch()
  find.mockRejectedValueOnce(new Error('store'))
  committed.add('b')
  connection.inTransaction = false
  add('a')
  add('b')
  await vi.waitFor(() => expect(told).toEqual(['a gone', 'b committed']))
  expect(faults).toHaveLength(1)
})

it('lets go of everything when it is closed', async () => {
  const { clock, told, find, watch, add } = openWatch()
  add('a')
  await turn()
  await turn()
  expect(clock.pending).toBe(1)
  watch.close()
  expect(clock.pending).toBe(0)
  expect(told).toEqual(['a gone'])
  const looks = find.mock.calls.length
  await clock.advance(10_000)
  expect(find).toHaveBeenCalledTimes(looks)
})

it('does not hold the event loop when very many were committed at once', async () => {
  const { committed, told, connection, find, add } = openWatch()
  // Each look takes a tenth of a millisecond: all of them a hundred.
  find.mockImplementation(async (id) => {
    for (const endMs = performance.now() + 0.1; performance.now() < endMs;);
    return buildRecord({ taskId: id })
  })
  connection.inTransaction = false
  for (let n = 0; n < 1_000; n += 1) add(String(n))
  let turns = 0
  while (told.length < 1_000) {
    await turn()
    turns += 1
  }
  expect(turns).toBeGreaterThan(5)
  expect(told).toEqual(Array.from({ length: 1_000 }, (_, n) => `${n} committed`))
  expect(committed.size).toBe(0)
})
