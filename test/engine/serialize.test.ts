import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { describeError } from '../../packages/engine/src/core/error-text.ts'
import { toJsonView } from '../../packages/engine/src/core/json-view.ts'
import { lastLine, toLogLine, toProgress } from '../../packages/engine/src/core/log-line.ts'
import {
  maxArgsBytes,
  maxResultBytes,
  packArgs,
  packResult,
  showPacked,
  unpackArgs,
} from '../../packages/engine/src/core/serialize.ts'
import { cleanText, oneLine } from '../../packages/engine/src/core/text.ts'

const explosive = new Proxy(
  {},
  {
    get: () => {
      throw new Error('get')
    },
    has: () => {
      throw new Error('has')
    },
    ownKeys: () => {
      throw new Error('keys')
    },
    getPrototypeOf: () => {
      throw new Error('prototype')
    },
  },
)
const cyclic: Record<string, unknown> = { name: 'c' }
cyclic['self'] = cyclic
const badGetter = {
  get trap(): string {
    throw new Error('trapped')
  },
}
const nul = 'a\0b\ud800c'

function nested(depth: number): unknown {
  let value: unknown = 1
  for (let level = 0; level < depth; level += 1) value = [value]
  return value
}

/** A small value that JSON would write out two to the fiftieth times. */
function shared(): unknown {
  let value: unknown = ['x']
  for (let level = 0; level < 50; level += 1) value = [value, value]
  return value
}

describe('arguments', () => {
  it('come back as they were', () => {
    const args = [
      1,
      'x',
      null,
      undefined,
      -0,
      new Date(5),
      12n,
      new Map([[1, new Set(['a'])]]),
      cyclic,
      new Uint8Array([1, 2]),
      nul,
    ]
    expect(unpackArgs(packArgs(args))).toEqual(args)
    expect(unpackArgs(packArgs([]))).toEqual([])
    const back = unpackArgs(packArgs([cyclic]))[0] as Record<string, unknown>
    expect(back['self']).toBe(back)
  })

  it('of plain data are plain JSON', () => {
    expect(packArgs(['ann@example.org', { n: [1, true, null] }])).toBe('["ann@example.org",{"n":[1,true,null]}]')
  })

  it('never put NUL or half a surrogate pair into the text', () => {
    for (const text of [packArgs([nul, { [nul]: nul }]), packArgs([nul, new Date(0)])]) {
      expect(text).not.toMatch(/[\0\p{Surrogate}]/u)
    }
  })

  it('survive any JSON', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), (args) => {
        expect(unpackArgs(packArgs(args))).toEqual(args)
      }),
    )
  })

  it.each([
    ['a function', () => 1],
    ['a symbol', Symbol('s')],
    ['an explosive proxy', explosive],
    ['a throwing getter', badGetter],
    ['a promise', Promise.resolve(1)],
    [
      'an instance',
      new (class Cart {
        items = 1
      })(),
    ],
    ['a million nested lists', nested(1_000_000)],
  ])('refuse %s by its position', (_name, value) => {
    expect(() => packArgs(['fine', value])).toThrow(
      expect.objectContaining({ code: 'bad_argument', message: expect.stringContaining('Argument 2') }),
    )
  })

  it('refuse more than a mebibyte, in bytes', () => {
    expect(packArgs(['x'.repeat(maxArgsBytes - 4)])).toHaveLength(maxArgsBytes)
    expect(() => packArgs(['x'.repeat(maxArgsBytes - 3)])).toThrow(expect.objectContaining({ code: 'bad_argument' }))
    expect(() => packArgs(['ü'.repeat(maxArgsBytes / 2)])).toThrow(expect.objectContaining({ code: 'bad_argument' }))
  })

  it('of shared values stay small', () => {
    expect(packArgs([shared()]).length).toBeLessThan(10_000)
  })

  it('that sound like prototypes are data', () => {
    const hostile: unknown = JSON.parse('{"__proto__":{"admin":true}}')
    const [back] = unpackArgs(packArgs([hostile]))
    expect(Object.keys(back as object)).toEqual(['__proto__'])
    expect((back as { admin?: boolean }).admin).toBeUndefined()
    expect(unpackArgs(packArgs([{ constructor: 1, toString: 'x' }]))).toEqual([{ constructor: 1, toString: 'x' }])
    expect(({} as { admin?: boolean }).admin).toBeUndefined()
  })
})

describe('results', () => {
  it.each([
    ['nothing', undefined, { text: null, loss: null }],
    ['plain data', { a: 1 }, { text: '{"a":1}', loss: null }],
    ['a function', () => 1, { text: null, loss: expect.any(String) }],
    ['an explosive proxy', explosive, { text: null, loss: expect.any(String) }],
    ['a throwing getter', badGetter, { text: null, loss: expect.any(String) }],
    [
      'an instance',
      new (class Cart {
        items = 1
      })(),
      { text: '{"items":1}', loss: null },
    ],
    ['a cycle', cyclic, { text: expect.stringMatching(/^devalue:/), loss: null }],
    ['a big integer', 12n, { text: expect.stringMatching(/^devalue:/), loss: null }],
  ])('of %s are kept as far as they can be', (_name, value, expected) => expect(packResult(value)).toEqual(expected))

  it('are cut where they are too large', () => {
    const { text, loss } = packResult('y'.repeat(maxResultBytes))
    expect(text!.length).toBeLessThan(maxResultBytes)
    expect(showPacked(text)).toMatch(/^"yyy/)
    expect(loss).toContain(String(maxResultBytes))
  })

  it('are shown as JSON', () => {
    expect(showPacked(packResult(cyclic).text)).toEqual({ name: 'c', self: '<cycle>' })
    expect(showPacked(packResult({ at: new Date(0), n: 12n }).text)).toEqual({
      at: '1970-01-01T00:00:00.000Z',
      n: '12',
    })
    expect(showPacked('not ours')).toBe('not ours')
    expect(showPacked(null)).toBeNull()
  })
})

describe('errors', () => {
  it('keep message, code, stack and causes', () => {
    const error = Object.assign(new TypeError('bad\nthing', { cause: new Error('root') }), { code: 'E_BAD' })
    const { error: words, errorCode, stacktrace } = describeError(error)
    expect(words).toBe('TypeError: bad thing')
    expect(errorCode).toBe('E_BAD')
    expect(stacktrace).toContain('serialize.test.ts')
    expect(stacktrace).toContain('Caused by: Error: root')
  })

  it.each([
    [undefined, 'undefined was thrown'],
    [null, 'null was thrown'],
    ['text', 'text'],
    ['', 'An empty text was thrown'],
    [12n, '12 was thrown'],
    [Symbol('s'), 'Symbol(s) was thrown'],
    [() => 1, 'A function was thrown'],
    [{ code: 5 }, '{"code":5} was thrown'],
    [cyclic, 'An object that cannot be read was thrown'],
  ])('of %s are honest', (thrown, words) => expect(describeError(thrown).error).toBe(words))

  it('that cannot be read still have words', () => {
    const lying = new Error('x')
    for (const key of ['stack', 'name', 'message', 'code', 'cause']) {
      Object.defineProperty(lying, key, {
        get: () => {
          throw new Error('no')
        },
      })
    }
    const looping = new Error('loop')
    looping.cause = looping
    for (const thrown of [explosive, lying, looping, Object.create(null)]) {
      expect(describeError(thrown).error.length).toBeGreaterThan(3)
    }
  })

  it('are bounded and clean', () => {
    const { error, stacktrace } = describeError(new Error(`${nul}${'z'.repeat(1_000_000)}`))
    expect(error.length).toBeLessThanOrEqual(300)
    expect(stacktrace!.length).toBeLessThanOrEqual(16 * 1024)
    expect(error + stacktrace!).not.toMatch(/[\0\p{Surrogate}]/u)
  })

  it('never throw', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (thrown) => {
        expect(typeof describeError(thrown).error).toBe('string')
      }),
    )
  })
})

describe('log lines and progress', () => {
  it('read levels and facts', () => {
    expect(toLogLine('hi', { level: 'error', order: 7, deep: { a: [1] } }, 5, 2)).toEqual({
      at: 5,
      attempt: 2,
      level: 'error',
      message: 'hi',
      extra: { order: 7, deep: { a: [1] } },
    })
    expect(toLogLine('hi', { level: 'loud' }, 5, 1)).toMatchObject({ level: 'info', extra: null })
    expect(lastLine(1, 1).message).toContain('10000')
  })

  it.each([[explosive], [cyclic], [badGetter], [undefined], [12n], [nul], ['x'.repeat(1_000_000)], [Symbol('s')]])(
    'survive %#',
    (hostile) => {
      const line = toLogLine(hostile, { hostile }, 1, 1)
      expect(line.message.length).toBeLessThanOrEqual(8 * 1024)
      expect(JSON.stringify(line).length).toBeLessThan(20_000)
      expect(line.message).not.toMatch(/[\0\p{Surrogate}]/u)
      expect(toProgress(hostile).progress.percent).toBeNull()
    },
  )

  it('make a percentage of what is given', () => {
    expect(toProgress(150)).toEqual({ progress: { percent: 100, message: null }, payload: null, isCut: false })
    expect(toProgress(Number.NaN).progress.percent).toBeNull()
    expect(toProgress({ current: 1, total: 3, message: 'row 1' })).toEqual({
      progress: { percent: 33.33, message: 'row 1' },
      payload: '{"current":1,"total":3}',
      isCut: false,
    })
    expect(toProgress({ current: 1, total: 0 }).progress.percent).toBeNull()
  })
})

describe('text', () => {
  it('is made storable and visible', () => {
    expect(cleanText(nul)).toBe('a\u2400b\ufffdc')
    expect(cleanText('a😀b')).toBe('a😀b')
    expect(oneLine('  a\r\n\tb  ', 10)).toBe('a b')
    expect(oneLine(`${'😀'.repeat(200)}`, 300)).not.toMatch(/\p{Surrogate}/u)
  })

  it('views anything as bounded JSON', () => {
    fc.assert(
      fc.property(fc.anything({ withMap: true, withSet: true, withDate: true, withBigInt: true }), (value) => {
        expect(() => JSON.stringify(toJsonView(value))).not.toThrow()
      }),
    )
    expect(
      JSON.stringify(toJsonView(shared(), { maxDepth: 100, maxValues: 1_000, maxTextLength: 10 })).length,
    ).toBeLessThan(50_000)
  })
})
