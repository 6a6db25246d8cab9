import { negatedTerm, searchProblem, termOf, typedTerms, withTerm } from '@taskloom/client'
import { parseSearch } from '@taskloom/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

describe('the terms of a search', () => {
  it('are cut where the language cuts them', () => {
    const search = 'send -func:heart* error:"card declined" -"two words" tag.env:prod'
    expect(typedTerms(search)).toEqual([
      { text: 'send', negated: false, qualifier: null, value: 'send' },
      { text: '-func:heart*', negated: true, qualifier: 'func', value: 'heart*' },
      { text: 'error:"card declined"', negated: false, qualifier: 'error', value: 'card declined' },
      { text: '-"two words"', negated: true, qualifier: null, value: 'two words' },
      { text: 'tag.env:prod', negated: false, qualifier: 'tag.env', value: 'prod' },
    ])
  })

  it('take a sign for a sign, even before a colon', () => {
    expect(typedTerms('-:""a b').map(({ text }) => text)).toEqual(['-:""a', 'b'])
    expect(parseSearch('-:""a')).toEqual([{ kind: 'word', negated: true, text: ':""a' }])
  })

  it('mean together what the search means', () => {
    const piece = fc.constantFrom('a', ' ', '"', ':', '-', '\\', 'func:', 'worker:', 'tag.x:', 'args.0:', '*')
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 14 }), (pieces) => {
        const search = pieces.join('')
        fc.pre(searchProblem(search) === null)
        const terms = typedTerms(search).map(({ text }) => text)
        expect(parseSearch(terms.join(' '))).toEqual(parseSearch(search))
        expect(terms.flatMap((term) => parseSearch(term))).toEqual(parseSearch(search))
      }),
      { numRuns: 2_000 },
    )
  })

  it('keep an open quote together', () => {
    expect(typedTerms('a error:"card decl').map(({ text }) => text)).toEqual(['a', 'error:"card decl'])
  })

  it('are added once, and turned', () => {
    expect(withTerm('send queue:mail', 'tag.env:prod')).toBe('send queue:mail tag.env:prod')
    expect(withTerm('queue:mail send', 'queue:mail')).toBe('send queue:mail')
    expect(withTerm('-queue:mail', 'queue:mail')).toBe('queue:mail')
    expect([negatedTerm('a'), negatedTerm('-a'), negatedTerm('-')]).toEqual(['-a', 'a', '--'])
  })

  it('are made of names and values that can be said, and of no others', () => {
    fc.assert(
      fc.property(fc.constantFrom('queue', 'worker', 'user', 'source'), fc.string({ maxLength: 20 }), (kind, value) => {
        const term = termOf(kind, value)
        if (term === null) return
        expect(parseSearch(term)).toEqual([{ kind, negated: false, pattern: value }])
        expect(typedTerms(term)).toEqual([{ text: term, negated: false, qualifier: kind, value }])
      }),
    )
    expect(termOf('tag.two words', 'x')).toBeNull()
    expect(termOf('queue', '')).toBeNull()
    expect(termOf('tag.env', 'a "b" c')).toBe('tag.env:"a \\"b\\" c"')
  })
})
