import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isSame, readJson, writeJson, type Value } from '../../packages/dashboard/src/form/json-text.ts'
import { inexactNumbers, toWire } from '../../packages/dashboard/src/form/wire.ts'

function valueOf(text: string): Value {
  const reading = readJson(text)
  if ('fault' in reading) throw new Error(reading.fault.words)
  return reading.value
}

function faultOf(text: string) {
  const reading = readJson(text)
  return 'fault' in reading ? reading.fault : null
}

describe('text of JSON', () => {
  it('is read as JSON.parse reads it', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(toWire(valueOf(text))).toEqual(JSON.parse(text))
      }),
    )
  })

  it('is written so that reading gives the same, in a line and in many', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom(0, 2), (value, indent) => {
        expect(isSame(valueOf(writeJson(value as Value, indent)), value as Value)).toBe(true)
      }),
    )
  })

  it('keeps every digit of a big integer', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), (big) => {
        expect(writeJson(valueOf(`[${big}]`))).toBe(`[${big}]`)
      }),
    )
  })

  it('refuses to send what would be rounded, and only that', () => {
    expect(inexactNumbers(valueOf('[{"id":9007199254740993}]')).map(({ path }) => path)).toEqual(['[0].id'])
    expect(inexactNumbers(valueOf('[9007199254740991, 1152921504606846976, 1e300, "9007199254740993"]'))).toEqual([])
    expect(toWire(valueOf('[1152921504606846976]'))).toEqual([2 ** 60])
  })

  it.each([
    ['', 'A value is missing here', 1, 1],
    ['[1,\n  2,,3]', 'A value is missing here', 2, 5],
    ['{"a": 1\n "b": 2}', 'A comma or a closing bracket is missing here', 2, 2],
    ['{a: 1}', 'A name in double quotes is missing here', 1, 2],
    ['{"a" 1}', 'A colon is missing here', 1, 6],
    ['{"a":1,"a":2}', 'This name is there twice', 1, 8],
    ['["a]', 'This text has no closing quote', 1, 2],
    ['["a\nb"]', 'Texts of JSON hold no line breaks: write \\n', 1, 4],
    ['["\\x"]', 'This escape is not known in JSON', 1, 3],
    ['[01]', 'This is no number of JSON', 1, 2],
    ['[1e999]', 'This number is too large', 1, 2],
    ['[1] 2', 'There is something after the value', 1, 5],
    ["['a']", 'This is no value of JSON', 1, 2],
    ['[1', 'The text ends too early', 1, 3],
  ])('says where %j is wrong', (text, words, line, column) => {
    expect(faultOf(text)).toMatchObject({ words, line, column })
  })

  it('never hangs and never throws anything else, whatever it is given', () => {
    fc.assert(fc.property(fc.string(), (text) => void readJson(text)))
    expect(faultOf('['.repeat(10_000))?.words).toBe('This is nested too deep')
  })

  it('takes names of Object like any other', () => {
    expect(writeJson(valueOf('{"__proto__":{"a":1},"constructor":2}'))).toBe('{"__proto__":{"a":1},"constructor":2}')
  })
})
