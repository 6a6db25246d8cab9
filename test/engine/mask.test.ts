import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskText, maskUrls, maskValue } from '../../packages/engine/src/core/mask.ts'
import { secretNames } from '../../packages/engine/src/core/secret-names.ts'
import { unmask } from '../../packages/engine/src/core/unmask.ts'

const isSecret = secretNames([])
const mask = (text: string) => maskText(text, isSecret)

describe('a name', () => {
  it.each([
    ...[
      'password',
      'Password',
      'PASSWORD',
      'dbPassword',
      'db_password',
      'DB-PASSWORD',
      'password1',
      'userPasswd',
      'pwd',
    ],
    ...['token', 'accessToken', 'access_token', 'x-csrf-token', 'apiKey', 'api_key', 'APIKey', 'X-Api-Key', 'apikey'],
    ...['Authorization', 'proxy-authorization', 'cookie', 'set-cookie', 'clientSecret', 'privateKey', 'credentials'],
  ])('is secret: %s', (name) => expect(isSecret(name)).toBe(true))

  it.each([
    ...['tokens_used', 'maxTokens', 'secretary', 'key', 'primaryKey', 'apiary', 'keyboard', 'cookbook', 'passenger'],
    ...['compassword', 'author', '', '___', 'constructor', '__proto__'],
  ])('is not secret: %s', (name) => expect(isSecret(name)).toBe(false))

  it('may be added, and the common ones be left out', () => {
    const own = secretNames(['iban', 'taxId'], false)
    expect(['iban', 'customerIBAN', 'tax_id', 'token'].map(own)).toEqual([true, true, true, false])
    expect(secretNames([], false)('password')).toBe(false)
  })
})

describe('a value', () => {
  it('is masked by its key, however deep, and the rest is left as it was', () => {
    const value = [{ user: { name: 'Ann', password: 'x', keys: [{ apiKey: ['x', 'y'] }] }, n: 1 }, 'plain', null]
    expect(maskValue(value, isSecret)).toEqual([
      { user: { name: 'Ann', password: '***', keys: [{ apiKey: '***' }] }, n: 1 },
      'plain',
      null,
    ])
    const plain = { a: [1, { b: 'x' }] }
    expect(maskValue(plain, isSecret)).toBe(plain)
  })

  it('says whether there is a secret, and what else hides it', () => {
    const value = { token: null, hasToken: true, secret: '<redacted>', password: 7 }
    expect(maskValue(value, isSecret)).toEqual({ ...value, password: '***' })
  })

  it('does not give way to names of the language itself', () => {
    const value = JSON.parse('{"__proto__":{"password":"x"},"constructor":{"token":"y"}}') as { [key: string]: never }
    const masked = maskValue(value, isSecret)
    expect(JSON.stringify(masked)).toBe('{"__proto__":{"password":"***"},"constructor":{"token":"***"}}')
    expect(Object.getPrototypeOf(masked)).toBe(Object.prototype)
  })

  it('has no password in its URLs', () => {
    expect(maskValue({ db: 'postgres://ann:pa@ss@db:5432/x?y' }, isSecret)).toEqual({
      db: 'postgres://ann:***@db:5432/x?y',
    })
  })
})

describe('a text', () => {
  it.each([
    ['login failed for password=hunter2, retrying', 'login failed for password=***, retrying'],
    ['{"user":"ann","password":"a b","n":1}', '{"user":"ann","password":"***","n":1}'],
    ['{\\"password\\":\\"a b\\",\\"n\\":1}', '{\\"password\\":\\"***\\",\\"n\\":1}'],
    ["config { token: 'a,b', port: 1 }", "config { token: '***', port: 1 }"],
    ['GET /x?access_token=abc&page=2', 'GET /x?access_token=***&page=2'],
    ['Authorization: Bearer abc.def-123', 'Authorization: ***'],
    ['sent bearer abcdef123456 to it', 'sent bearer *** to it'],
    ['Set-Cookie: sid=1; Path=/\nnext line', 'Set-Cookie: ***\nnext line'],
    ['connect postgres://ann:hunter2@db:5432/shop failed', 'connect postgres://ann:***@db:5432/shop failed'],
    ['two: secret=a secret=b', 'two: secret=*** secret=***'],
    ['password: ', 'password: '],
    ['"secret":"never closed', '"secret":"***'],
  ])('has no secrets: %s', (text, expected) => expect(mask(text)).toBe(expected))

  it.each([
    'The password must be long',
    'tokens_used=42 max_tokens: 100',
    'TypeError: x is not a function',
    'see https://example.com/a:b@c or http://host:8080/x',
    'ratio 1:2, a=b, {"key":"v"}',
  ])('is left as it is where there are none: %s', (text) => expect(mask(text)).toBe(text))

  it('takes no longer than its length, whatever it is', () => {
    const heavy = [
      'a',
      'a:',
      '://',
      'a://',
      'a://b:',
      '"',
      '\\"',
      'password',
      'password=',
      'cookie',
      'bearer ',
      ' ',
      '=',
    ]
    for (const piece of heavy) {
      const text = piece.repeat(Math.ceil(65_536 / piece.length))
      const began = performance.now()
      mask(text)
      expect(performance.now() - began, piece).toBeLessThan(2_000)
    }
  })

  it('never shows what stood behind a secret name, and masking again changes nothing', () => {
    const word = fc.stringMatching(/^[A-Z]{8}$/)
    const around = fc.string({ maxLength: 20 })
    const made = fc.record({ word, around, sign: fc.constantFrom('=', ': ', ' => ', '":"', "': '") })
    fc.assert(
      fc.property(made, ({ word: value, around: text, sign }) => {
        const shown = mask(
          `${text} ${sign.startsWith('"') ? '"' : sign.startsWith("'") ? "'" : ''}password${sign}${value}`,
        )
        expect(shown).not.toContain(value)
        expect(mask(shown)).toBe(shown)
      }),
    )
  })

  it('keeps who signs in and where to', () => {
    expect(maskUrls('amqp://guest:guest@localhost and redis://:pw@r')).toBe(
      'amqp://guest:***@localhost and redis://:***@r',
    )
  })
})

describe('what is revealed at a path', () => {
  const truth = [{ user: { password: 'p', token: 't' }, cards: [{ number: 1 }, { number: 2 }] }]
  const masked = [{ user: { password: '***', token: '***' }, cards: [{ number: '***' }, { number: '***' }] }]

  it('is true, and all else stays masked', () => {
    expect(unmask(masked, truth, 'user.password')).toEqual([
      { user: { password: 'p', token: '***' }, cards: masked[0]?.cards },
    ])
    expect(unmask(masked, truth, '0.cards.*.number')).toEqual([{ user: masked[0]?.user, cards: truth[0]?.cards }])
    expect(unmask({ token: '***' }, { token: 't' }, 'token')).toEqual({ token: 't' })
    expect(unmask(masked, truth, 'no.such.path')).toEqual(masked)
    expect(unmask('***', 'x', 'a')).toBe('***')
  })
})
