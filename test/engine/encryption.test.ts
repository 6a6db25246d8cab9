import { randomBytes } from 'node:crypto'
import { inspect } from 'node:util'
import { memory, type TaskManagerOptions } from '@taskloom/engine'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Keyring } from '../../packages/engine/src/privacy/keyring.ts'
import { openManager, withCode } from './open-manager.ts'

const [first, second, third] = [randomBytes(32), randomBytes(32), randomBytes(32)] as const
const place = { field: 'args', taskId: 'id-1', funcName: 'pay' } as const
const act = { actor: 'ann', reason: null }

describe('a keyring', () => {
  it('gives back what it sealed, whatever it was, and never the same text twice', () => {
    const ring = new Keyring([first])
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        const sealed = ring.seal(text, place)
        expect(ring.open(sealed, place)).toBe(text)
        expect(sealed).toMatch(/^sealed:1:[0-9a-f]{12}:[\w-]+$/)
        expect(ring.seal(text, place)).not.toBe(sealed)
      }),
    )
  })

  it('opens texts of older keys and seals with the newest', () => {
    const old = new Keyring([first]).seal('x', place)
    const ring = new Keyring([second, first])
    expect(ring.open(old, place)).toBe('x')
    expect(new Keyring([second]).open(ring.seal('y', place), place)).toBe('y')
    expect(() => new Keyring([second, third]).open(old, place)).toThrow(withCode('key_missing'))
    expect(() => new Keyring().open(old, place)).toThrow(/which this process does not have/)
  })

  it('reads a text nowhere but in its place, and not when one bit of it was changed', () => {
    const ring = new Keyring([first])
    const sealed = ring.seal('[1]', place)
    for (const other of [{ taskId: 'id-2' }, { funcName: 'refund' }, { field: 'result' as const }]) {
      expect(() => ring.open(sealed, { ...place, ...other })).toThrow(withCode('unreadable'))
    }
    const [head, body] = [sealed.slice(0, sealed.lastIndexOf(':') + 1), sealed.slice(sealed.lastIndexOf(':') + 1)]
    const bytes = Buffer.from(body, 'base64url')
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const changed = Buffer.from(bytes)
      changed[bit >> 3]! ^= 1 << (bit & 7)
      expect(() => ring.open(head + changed.toString('base64url'), place)).toThrow(withCode('unreadable'))
    }
    for (const rest of ['', 'AAAA', body.slice(0, -2)]) {
      expect(() => ring.open(head + rest, place)).toThrow(withCode('unreadable'))
    }
  })

  it('is not told by printing it', () => {
    const text = inspect(new Keyring([first]), { depth: 9, showHidden: true })
    expect(text).not.toContain(first.toString('hex'))
  })
})

describe('the option', () => {
  it('takes bytes, hex and base64', async () => {
    const store = memory()
    const sealer = openManager({ store, encryption: { keys: [new Uint8Array(first)] } })
    sealer.define('pay', () => undefined)
    const { id } = await sealer.enqueue('pay', ['4111'])
    const stored = (await store.tasks.get(id))!
    for (const key of [first, first.toString('hex'), first.toString('base64'), first.toString('base64url')]) {
      const reader = openManager({ store: store, encryption: { keys: [second, key] } })
      expect(await reader.get(id)).toMatchObject({ args: '["4111"]' })
    }
    expect(stored.args).toMatch(/^sealed:/)
  })

  it.each([
    [{}],
    [{ keys: [] }],
    [{ keys: first }],
    [{ keys: [first.subarray(1)] }],
    [{ keys: [first.toString('hex').slice(1)] }],
    [{ keys: ['correct horse battery staple'] }],
    [{ keys: [first, first.toString('hex')] }],
    [{ keys: [first], algorithm: 'none' }],
    [null],
  ])('refuses %# and repeats no key', (encryption) => {
    const options = { encryption } as unknown as TaskManagerOptions
    expect(() => openManager(options)).toThrow(withCode('bad_option'))
    try {
      openManager(options)
    } catch (error) {
      expect(inspect(error)).not.toContain('horse')
      expect(inspect(error)).not.toContain(first.toString('hex').slice(1, 20))
    }
  })
})

describe('an encrypted task', () => {
  it('is called with its arguments, and its result is read back by the application', async () => {
    const store = memory()
    const tasks = openManager({ store, encryption: { keys: [first] } })
    const seen: unknown[] = []
    tasks.define('pay', (...args: unknown[]) => {
      seen.push(args)
      return { receipt: args[0] }
    })
    await tasks.start()
    const given = [{ card: '4111' }, new Map([['pin', new Date(5)]])]
    const { id } = await tasks.enqueue('pay', given)
    expect(await tasks.wait(id)).toMatchObject({ status: 'success', result: '{"receipt":{"card":"4111"}}' })
    expect(seen).toEqual([given])
    const stored = await store.tasks.get(id)
    expect(stored?.args).toMatch(/^sealed:1:/)
    expect(stored?.result).toMatch(/^sealed:1:/)
  })

  it('is retried with its arguments, sealed anew with the newest key', async () => {
    const store = memory()
    const before = openManager({ store, encryption: { keys: [first] } })
    before.define('pay', () => {
      throw new Error('no')
    })
    await before.start()
    const { id } = await before.enqueue('pay', ['4111'])
    await before.wait(id)

    const seen: unknown[] = []
    const after = openManager({ store: store, encryption: { keys: [second, first] } })
    after.define('pay', (card: string) => void seen.push(card))
    await after.start()
    const minted = await after.source.retry(id, act)
    expect(await after.wait(minted.taskId)).toMatchObject({ status: 'success' })
    expect(seen).toEqual(['4111'])
    const stored = (await store.tasks.get(minted.taskId))!
    const where = { field: 'args', taskId: minted.taskId, funcName: 'pay' } as const
    expect(new Keyring([second]).open(stored.args, where)).toBe('["4111"]')
  })

  it.each([
    ['other keys', { keys: [second] }],
    ['no keys', undefined],
  ])('fails once and says why in a process with %s, and never runs', async (_, encryption) => {
    const store = memory()
    const { id } = await openSealer(store).enqueue('pay', ['4111'])
    const tasks = openManager({ store: store, ...(encryption && { encryption }) })
    let calls = 0
    tasks.define('pay', { retries: 5, delay: 0 }, () => (calls += 1))
    await tasks.start()
    const ended = await tasks.wait(id)
    expect(ended).toMatchObject({ status: 'failed', errorCode: 'key_missing', attempt: 1, retriesUsed: 0 })
    expect(ended.error).toMatch(/encrypted with key [0-9a-f]{12}, which this process does not have/)
    expect(calls).toBe(0)
    await expect(tasks.retry(id)).rejects.toEqual(withCode('key_missing'))
    const bulk = await tasks.source.bulkRetry([id], { again: true }, act)
    expect(bulk.results).toEqual([{ originalTaskId: id, newTaskId: null, reason: 'key_missing' }])
    expect(await tasks.source.detail(id, { opensSealed: true })).toMatchObject({ args: '<encrypted>' })
  })

  it('fails as unreadable when its arguments are those of another task', async () => {
    const store = memory()
    const { id } = await openSealer(store).enqueue('pay', ['mine'], { delay: '1h' })
    const record = (await store.tasks.get(id))!
    const forged = { ...record, taskId: `${id.slice(0, -4)}beef`, runAt: null }
    await store.tasks.write([{ previous: null, next: forged, attempt: null, logs: [] }])
    const tasks = openManager({ store, encryption: { keys: [first] } })
    let calls = 0
    tasks.define('pay', () => (calls += 1))
    await tasks.start()
    expect(await tasks.wait(forged.taskId)).toMatchObject({ status: 'failed', errorCode: 'unreadable' })
    expect(calls).toBe(0)
  })

  it('that was stored before encryption was turned on still runs', async () => {
    const store = memory()
    const plain = openManager({ store })
    plain.define('pay', () => undefined)
    const { id } = await plain.enqueue('pay', ['4111'])
    const tasks = openManager({ store: store, encryption: { keys: [first] } })
    const seen: unknown[] = []
    tasks.define('pay', (card: string) => void seen.push(card))
    await tasks.start()
    expect(await tasks.wait(id)).toMatchObject({ status: 'success' })
    expect(seen).toEqual(['4111'])
  })
})

function openSealer(store: ReturnType<typeof memory>) {
  const sealer = openManager({ store, encryption: { keys: [first] } })
  sealer.define('pay', () => undefined)
  return sealer
}
