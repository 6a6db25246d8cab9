import { anyTask } from '@taskloom/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { errorKind, generalize } from '../../packages/engine/src/core/error-group.ts'
import { openManager } from './open-manager.ts'

const fingerprint = (error: string | null, errorCode: string | null = 'Error') =>
  errorKind({ error, errorCode }).fingerprint

/** Words of messages that stay: no digits, quotes, slashes or addresses in them. */
const words = fc
  .array(fc.constantFrom('cannot', 'find', 'book', 'of', 'shelf', 'in', 'ms', 'Zeile', '日本'), { minLength: 1 })
  .map((list) => list.join(' '))

describe('the kind of a failure', () => {
  it.each([
    ['connect ECONNREFUSED 10.0.0.7:5432', 'connect ECONNREFUSED 127.0.0.1:80'],
    ['No user 0192c3a4-5b6c-7d8e-9f01-23456789abcd', 'No user 0192c3a4-0000-7d8e-9f01-fedcba987654'],
    ["Cannot read properties of undefined (reading 'id')", "Cannot read properties of undefined (reading 'name')"],
    ["ENOENT: no such file, open '/srv/a b/1.csv'", "ENOENT: no such file, open '/var/x.csv'"],
    ['ENOENT: no such file, open /srv/1.csv', 'ENOENT: no such file, open ../data/other.csv'],
    ['no such file C:\\Temp\\a.txt', 'no such file D:\\x\\y\\b.txt'],
    ['GET https://shop.example/orders/17?x=1 failed', 'GET https://api.example/ failed'],
    ['No mailbox ann@example.com', 'No mailbox ben+news@mail.example.org'],
    ['Customer cus_9s6XKzkNRiz8i3 is gone', 'Customer cus_Na6dX7aXxi11N4 is gone'],
    ['bad checksum 0xdeadbeef', 'bad checksum 0x17'],
    ['took 1.5 s, limit 1,000', 'took -20 s, limit 7'],
  ])('is the same for “%s” and “%s”', (one, other) => {
    expect(fingerprint(one)).toBe(fingerprint(other))
  })

  it.each([
    ['card declined', 'card expired'],
    ["can't open the door, don't try", "can't open the lid, don't try"],
    ['order 17 is late', 'orders 17 are late'],
  ])('is another for “%s” and “%s”', (one, other) => {
    expect(fingerprint(one)).not.toBe(fingerprint(other))
  })

  it('is another for another type', () => {
    expect(fingerprint('no', 'TypeError')).not.toBe(fingerprint('no', 'RangeError'))
    expect(errorKind({ error: 'no', errorCode: null }).type).toBe('Error')
  })

  it('does not depend on numbers, ids and quoted words', () => {
    const variable = fc.oneof(
      fc.nat().map(String),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map((value) => value.toFixed(3)),
      fc.uuid(),
      fc.stringMatching(/^[a-z ]{0,20}$/).map((text) => `"${text}"`),
      fc.stringMatching(/^[a-z]{1,9}$/).map((text) => `/srv/${text}/${text}.csv`),
    )
    fc.assert(
      fc.property(words, words, variable, variable, (before, after, one, other) => {
        const general = (value: string) => generalize(`${before} ${value} ${after}`).replace(/<\w+>/, '<…>')
        expect(general(one)).toBe(general(other))
      }),
    )
  })

  it('tells words apart, is found for any text, and is found again', () => {
    fc.assert(
      fc.property(words, words, (one, other) => {
        fc.pre(one !== other)
        expect(fingerprint(one)).not.toBe(fingerprint(other))
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 300 }), (text) => {
        expect(fingerprint(text)).toMatch(/^[\da-f]{16}$/)
        expect(generalize(generalize(text))).toBe(generalize(text))
      }),
    )
  })

  it('is found quickly whatever the text', () => {
    const texts = ['/', '\\', '"', "'", '@', 'a', '0', '.', '-', ' ', 'a1', '/a', '"a', 'a@', '://'].map((unit) =>
      unit.repeat(300).slice(0, 300),
    )
    const beganAt = performance.now()
    for (let round = 0; round < 20; round += 1) for (const text of texts) generalize(`http${text}`)
    expect(performance.now() - beganAt).toBeLessThan(1_000)
  })
})

describe('a manager', () => {
  it('counts tasks that failed for good, not their attempts', async () => {
    const tasks = openManager()
    let calls = 0
    const send = tasks.define('send', { retries: 2, delay: 1, jitter: false }, () => {
      calls += 1
      throw new TypeError(`no letter ${calls}`)
    })
    tasks.define('fine', () => 1)
    await tasks.start()
    const { id } = await send.enqueue()
    await tasks.enqueue('fine')
    expect((await tasks.wait(id)).status).toBe('failed')
    expect(calls).toBe(3)
    const groups = await tasks.source.errors({ since: null })
    expect(groups).toMatchObject([
      {
        type: 'TypeError',
        message: 'TypeError: no letter 3',
        functions: ['send'],
        lastHour: 1,
        lastDay: 1,
        lastWeek: 1,
        sampleTaskId: id,
      },
    ])
    await tasks.delete(id)
    expect(await tasks.source.errors({ since: null })).toMatchObject([{ lastDay: 1, sampleTaskId: id }])
    expect((await tasks.list({ filter: { ...anyTask, statuses: ['failed'] } })).total).toBe(0)
  })
})
