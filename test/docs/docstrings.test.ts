import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { entryPoints, faultOf, packages, publicNames, type PublicName } from './docstrings.rules.ts'

describe('public names', () => {
  let names: readonly PublicName[]

  beforeAll(() => {
    names = publicNames(packages.flatMap(entryPoints))
  }, 120_000)

  it.each([
    ['protocol', 300],
    ['engine', 500],
    ['client', 250],
    ['dashboard', 40],
    ['testkit', 50],
  ] as const)('of %s are explained, and options say what holds without them', (name, least) => {
    const own = names.filter(({ place }) => place.startsWith(`${name}/`))
    expect(own.length).toBeGreaterThan(least)
    const faults = own.map((entry) => ({ entry, fault: faultOf(entry) })).filter(({ fault }) => fault !== null)
    expect(faults.map(({ entry, fault }) => `${entry.place} ${entry.name} ${fault}`)).toEqual([])
  })
})

describe('the checker of names', () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'taskloom-docstrings-')))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('sees what is not explained', { timeout: 60_000 }, () => {
    const file = join(folder, 'sample.ts')
    writeFileSync(file, sample)
    const faults = publicNames([file], folder).map((entry) => [entry.name, faultOf(entry)] as const)
    expect(faults.filter(([, fault]) => fault !== null)).toEqual([
      ['Options.limit', 'does not say what it is when it is left out'],
      ['Options.nested.depth', 'has no docstring'],
      ['Base.inherited', 'has no docstring'],
      ['Thing', 'has no docstring'],
      ['Thing.verb', 'has no docstring'],
      ['Thing.fact', 'has no docstring'],
      ['Choice.value', 'has no docstring'],
      ['bare', 'has no docstring'],
    ])
  })
})

const sample = `
/** Explained, and not exported. */
interface Base {
  inherited: number
}
/** Explained. */
export interface Options extends Base {
  /** How many. */
  limit?: number
  /** How many; 5 by default. */
  other?: number
  /** Explained. */
  nested: { depth: number }
}
export class Thing extends Error {
  override name = 'Thing'
  #own = 1
  private hidden = this.#own
  constructor(readonly fact: number) {
    super(String(fact))
  }
  verb(): number {
    return this.hidden
  }
  /** @internal */
  inside(): void {}
}
/** Explained. */
export type Choice =
  /** Explained. */
  | { kind: 'a'; told: number }
  | { kind: 'b'; value: number }
export const bare = 1
`
