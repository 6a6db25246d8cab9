import { describe, expect, it } from 'vitest'
import { createFakeClock } from '@taskloom/testkit'
import type { Definition } from '../../packages/engine/src/core/definition.ts'
import type { Outcome } from '../../packages/engine/src/core/lifecycle.ts'
import type { AttemptCall, Keeper } from '../../packages/engine/src/run/attempt.ts'
import { Claims } from '../../packages/engine/src/run/pool/claims.ts'
import type { Order, ToWorker } from '../../packages/engine/src/run/pool/messages.ts'
import { Pool } from '../../packages/engine/src/run/pool/pool.ts'
import type { OpenWorker, WorkerEvents } from '../../packages/engine/src/run/pool/worker-port.ts'

/** A worker that does nothing but what a test lets it do. */
class FakeWorker {
  readonly claims = new Claims()
  readonly told: ToWorker[] = []
  isKilled = false

  constructor(readonly events: WorkerEvents) {}

  get orders(): readonly Order[] {
    return this.told.flatMap((message) => (message.kind === 'run' ? message.orders : []))
  }

  claim({ cell, id }: Order): boolean {
    return this.claims.claim(cell, id)
  }

  answer({ id }: Order, tookMs = 0): void {
    this.events.onMessage({ kind: 'done', id, tookMs, result: null, loss: null })
  }
}

const definition = { name: 'work' } as Definition
const target = { url: 'file:///none.js', exportName: 'none' }
const turn = () => new Promise((resolve) => setImmediate(resolve))

async function openPool(max = 1) {
  const clock = createFakeClock()
  const workers: FakeWorker[] = []
  const open: OpenWorker = (_, events) => {
    const worker = new FakeWorker(events)
    workers.push(worker)
    const kill = () => {
      worker.isKilled = true
    }
    return { claims: worker.claims, post: (message) => void worker.told.push(message), kill }
  }
  const pool = new Pool({ clock, max, maxDepth: 64, memoryMb: null, open, onRoom: () => undefined })
  const door = pool.doorOf(definition)
  const begin = () => {
    const call = new FakeCall()
    door.enter()
    void pool.execute(call as unknown as AttemptCall, target).then(
      () => call.end('done'),
      (error: Error) => call.end(error.message),
    )
    return call
  }
  const first = begin()
  await turn()
  const [worker] = workers as [FakeWorker]
  worker.events.onMessage({ kind: 'ready' })
  worker.claim(worker.orders[0]!)
  worker.answer(worker.orders[0]!, 0.01)
  await turn()
  door.leave(false)
  worker.told.length = 0
  return { clock, pool, worker, workers, begin, first }
}

/** What the pool sees of an attempt, and what it did to it. */
class FakeCall {
  readonly definition = definition
  readonly args = '[]'
  readonly desk = { context: {}, log: () => undefined, progress: () => undefined }
  readonly stop = this
  readonly ends: string[] = []
  keeper: Keeper | null = null
  begun = 0
  wish: Outcome | null = null

  asked(): Outcome | null {
    return this.wish
  }
  keptBy(keeper: Keeper): void {
    this.keeper = keeper
  }
  begin(): void {
    this.begun += 1
  }
  giveBack(): void {
    this.ends.push('given back')
  }
  end(how: string): void {
    this.ends.push(how)
  }
  ask(wish: Outcome): void {
    this.wish = wish
    this.keeper?.abort(new DOMException('stop', 'AbortError'))
  }
}

describe('the inbox of a worker', () => {
  it('gets the calls of one turn in one message', async () => {
    const { begin, worker } = await openPool()
    const calls = [begin(), begin(), begin()]
    await turn()
    expect(worker.told).toHaveLength(1)
    expect(calls.map(({ begun }) => begun)).toEqual([1, 0, 0])
    for (const order of worker.orders) expect(worker.claim(order)).toBe(true)
    for (const order of worker.orders) worker.answer(order)
    await turn()
    expect(calls.map(({ begun, ends }) => [begun, ...ends])).toEqual([
      [1, 'done'],
      [1, 'done'],
      [1, 'done'],
    ])
  })

  it('loses a call that is cancelled before it was begun: it cannot be begun any more', async () => {
    const { begin, worker } = await openPool()
    const calls = [begin(), begin()]
    await turn()
    calls[1]!.ask({ kind: 'cancelled', reason: 'stop' })
    await turn()
    expect(calls[1]!.ends).toEqual(['stop'])
    expect(worker.orders.map((order) => worker.claim(order))).toEqual([true, false])
    expect(worker.told.filter(({ kind }) => kind === 'abort')).toEqual([])
    calls[0]!.ask({ kind: 'cancelled', reason: 'stop' })
    expect(worker.told.at(-1)).toMatchObject({ kind: 'abort', id: worker.orders[0]!.id })
  })

  it('gives back a call that is interrupted before it was begun', async () => {
    const { begin } = await openPool()
    const call = begin()
    call.ask({ kind: 'interrupted', reason: 'stop' })
    await turn()
    expect(call.ends[0]).toBe('given back')
  })

  it('has its worker killed under a call that does not end, and the others go to the next one', async () => {
    const { begin, worker, workers } = await openPool()
    const calls = [begin(), begin()]
    await turn()
    worker.claim(worker.orders[0]!)
    calls[0]!.keeper!.kill()
    expect(worker.isKilled).toBe(true)
    worker.events.onDeath({ kind: 'exited', code: 1 })
    await turn()
    expect(calls[0]!.ends[0]).toContain('exit code 1')
    expect(workers[1]!.orders).toHaveLength(1)
    expect(calls[1]!.ends).toEqual([])
  })

  it('keeps its worker when the call that is to be killed has ended and its answer is on the way', async () => {
    const { begin, worker } = await openPool()
    const calls = [begin(), begin()]
    await turn()
    for (const order of worker.orders) worker.claim(order)
    calls[0]!.keeper!.kill()
    expect(worker.isKilled).toBe(false)
  })

  it('fails the call that was begun when its worker dies without a word, and no other', async () => {
    const { begin, worker, workers } = await openPool()
    const calls = [begin(), begin(), begin()]
    await turn()
    worker.claim(worker.orders[0]!)
    worker.answer(worker.orders[0]!)
    worker.claim(worker.orders[1]!)
    worker.events.onDeath({ kind: 'out_of_memory' })
    await turn()
    expect(calls.map(({ ends }) => ends.length)).toEqual([1, 1, 0])
    expect(calls[1]!.ends[0]).toContain('out of memory')
    expect(workers[1]!.orders).toHaveLength(1)
  })

  it('is emptied when its worker stands still: at a call that was begun, within 40 ms', async () => {
    const { begin, worker, clock } = await openPool()
    const calls = [begin(), begin()]
    await turn()
    worker.claim(worker.orders[0]!)
    await clock.advance(40)
    expect(calls.map(({ ends }) => ends[0])).toEqual([undefined, 'given back'])
    expect(worker.claim(worker.orders[1]!)).toBe(false)
    expect(worker.isKilled).toBe(false)
    worker.answer(worker.orders[0]!)
    await turn()
    expect(calls[0]!.ends).toEqual(['done'])
  })

  it.each([
    ['says that it is there, gets the next call', true],
    ['says nothing for two seconds, is replaced', false],
  ])('of a worker that has not begun its only call and %s', async (_, isThere) => {
    const { begin, worker, workers, clock } = await openPool()
    const call = begin()
    await turn()
    call.ask({ kind: 'timed_out', timeoutMs: 1 })
    await turn()
    expect(call.ends).toEqual(['stop'])
    if (isThere) worker.events.onMessage({ kind: 'ready' })
    await clock.advance(2_100)
    expect(worker.isKilled).toBe(!isThere)
    begin()
    await turn()
    expect(workers.map(({ orders }) => orders.length)).toEqual(isThere ? [2] : [1, 1])
  })
})
