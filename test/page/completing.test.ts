import { parseSearch } from '@taskloom/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { complete, placeAt, qualifierOptions, valueOptions } from '../../packages/dashboard/src/search/completing.ts'

describe('what is completed', () => {
  it.each([
    ['', '', 'qualifier', ''],
    ['send fu', 'send ', 'qualifier', 'fu'],
    ['a -que', 'a ', 'qualifier', 'que'],
    ['queue:ma', '', 'queue', 'ma'],
    ['x func:"two w', 'x ', 'func', 'two w'],
    ['worker:we', '', 'worker', 'we'],
    ['user:"Ann L', '', 'user', 'Ann L'],
    ['-source:', '', 'source', ''],
    ['tag.en', '', 'tag', 'en'],
    ['tag.env:pr', '', 'tag.env', 'pr'],
    ['args.', '', 'args', ''],
    ['-args.user.id:4', '', 'args.user.id', '4'],
  ])('of %j', (search, before, field, prefix) => {
    expect(placeAt(search, search.length)).toMatchObject({ start: before.length, field, prefix })
  })

  it('is nothing where nobody knows', () => {
    expect(placeAt('nobody:kn', 9)).toBeNull()
    expect(placeAt('"a quot', 7)).toBeNull()
  })

  it('is the term at the caret, to its end', () => {
    const place = placeAt('func:sen queue:mail', 8)
    expect(place).toMatchObject({ start: 0, end: 8, field: 'func', prefix: 'sen' })
  })
})

describe('what is offered', () => {
  it('is a term that keeps its minus, and a space after what is whole', () => {
    const search = 'a -queue:ma b'
    const place = placeAt(search, 11)
    expect(place).not.toBeNull()
    const [option] = valueOptions(place!, [{ text: 'my mail', count: 3 }])
    expect(option).toMatchObject({ text: '-queue:"my mail"', word: 'my mail', count: 3, isWhole: true })
    expect(complete(search, place!, option!)).toEqual({ search: 'a -queue:"my mail" b', caret: 19 })
  })

  it('goes on from the name of a tag to its values', () => {
    const place = placeAt('tag.e', 5)!
    const [option] = valueOptions(place, [{ text: 'env', count: null }])
    expect(complete('tag.e', place, option!)).toEqual({ search: 'tag.env:', caret: 8 })
    expect(placeAt('tag.env:', 8)).toMatchObject({ field: 'tag.env', prefix: '' })
  })

  it('leaves out what the language cannot say', () => {
    expect(valueOptions({ field: 'tag', negated: false }, [{ text: 'two words', count: 1 }])).toEqual([])
    expect(valueOptions({ field: 'queue', negated: false }, [{ text: '', count: 1 }])).toEqual([])
  })

  it('names the qualifiers that begin so', () => {
    const words = qualifierOptions(placeAt('-er', 3)!).map(({ text }) => text)
    expect(words).toEqual(['-error:', '-error_group:'])
  })

  it('is understood, whatever the value is', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 20 }), fc.boolean(), (text, negated) => {
        for (const option of valueOptions({ field: 'func', negated }, [{ text, count: 1 }])) {
          expect(parseSearch(option.text)).toEqual([{ kind: 'func', negated, pattern: text }])
        }
      }),
    )
  })
})
