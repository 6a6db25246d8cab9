import type { Catalogue } from '@taskloom/client'
import { describe, expect, it } from 'vitest'
import { locales } from '../../packages/dashboard/src/locales/index.ts'
import { collectTexts, readTexts } from './collect.ts'

const { said, unsaid } = await collectTexts()

describe('the collector', () => {
  it('finds what is said, both ways of a condition, and what is counted', () => {
    const code = `say('One'); this.formats.say(isTwo ? 'Two {n}' : 'Three'); sayCount(n, '{n} task', '{n} tasks')`
    expect(readTexts('a.ts', code).said).toEqual([
      { text: 'One', isCounted: false, at: 'a.ts:1' },
      { text: 'Two {n}', isCounted: false, at: 'a.ts:1' },
      { text: 'Three', isCounted: false, at: 'a.ts:1' },
      { text: '{n} tasks', isCounted: true, at: 'a.ts:1' },
    ])
  })

  it('finds tables of words and words that are told later', () => {
    const code = `const a = { x: 'A word', y: ['Another'] } satisfies WordTable; const b = { text: '{n} gone', one: 'One gone' }`
    expect(readTexts('a.ts', code).said.map(({ text, isCounted }) => [text, isCounted])).toEqual([
      ['A word', false],
      ['Another', false],
      ['{n} gone', true],
    ])
  })

  it('finds text of templates that goes past', () => {
    const code = 'html`<p title="A title">${say("Said")} Not said <b>${x}</b><kbd>Esc</kbd></p>`'
    expect(readTexts('a.ts', code).unsaid.map(({ text }) => text)).toEqual(['Not said', 'A title'])
  })
})

describe('the page', () => {
  it('says every word in the language of its reader', () => {
    expect(unsaid.map(({ text, at }) => `${at}: ${text}`)).toEqual([])
  })

  it('speaks eight languages', () => {
    expect(['en', ...Object.keys(locales)]).toEqual(['en', 'de', 'fr', 'es', 'pt-BR', 'ja', 'zh-Hans', 'ar'])
  })
})

describe.each(Object.entries(locales))('the words in %s', (language, load) => {
  it('are there for every text, with the same {names}', async () => {
    const { catalogue } = await load()
    const faults = said.flatMap(({ text, isCounted, at }) =>
      faultsOf(catalogue, text, isCounted).map((why) => `${at}: ${why}`),
    )
    expect([...new Set(faults)]).toEqual([])
  })

  it('have a form for every plural category of the language', async () => {
    const { catalogue } = await load()
    const categories = new Intl.PluralRules(language).resolvedOptions().pluralCategories
    const lacking = Object.entries(catalogue).flatMap(([text, forms]) =>
      typeof forms === 'string' ? [] : categories.filter((each) => !forms[each]).map((each) => `${text}: ${each}`),
    )
    // A category for fractions and millions that is written as `other` need not be named.
    expect(lacking.filter((each) => !/: (many|zero|two|few)$/.test(each) || language === 'ar')).toEqual([])
  })

  it('are of texts that are still said', async () => {
    const { catalogue } = await load()
    const known = new Set(said.map(({ text }) => text))
    expect(Object.keys(catalogue).filter((text) => !known.has(text))).toEqual([])
  })
})

function faultsOf(catalogue: Catalogue, text: string, isCounted: boolean): readonly string[] {
  const found = catalogue[text]
  if (found === undefined) return [`“${text}” is not translated`]
  if (isCounted !== (typeof found === 'object')) return [`“${text}” is ${isCounted ? '' : 'not '}counted`]
  const forms = typeof found === 'string' ? [found] : Object.values(found)
  // The number itself may be a word: “one task”.
  const names = namesIn(text).filter((name) => !(isCounted && name === 'n'))
  return forms.flatMap((form) =>
    names.filter((name) => !namesIn(form).includes(name)).map((name) => `“${form}” lacks {${name}}`),
  )
}

function namesIn(text: string): readonly string[] {
  return [...text.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
}
