import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { missingOf, readProofs, readRows, root } from './proofs.ts'

const text = readFileSync(join(root, 'docs/features.md'), 'utf8')
const rows = readRows(text)

describe('the page of features', () => {
  it('has every table', () => {
    const sizes = new Map<string, number>()
    for (const { section } of rows) sizes.set(section, (sizes.get(section) ?? 0) + 1)
    expect(sizes.get('What is promised')).toBe(6)
    expect(sizes.get('What the originals offer')).toBeGreaterThanOrEqual(26)
    expect(sizes.get('What the originals got wrong')).toBe(14)
    expect(sizes.get('Room by room')).toBeGreaterThanOrEqual(11)
  })

  it.each(rows)('names a test and a guide that are there: $row', ({ row, cells }) => {
    const proofs = readProofs(row)
    expect(proofs.length).toBeGreaterThan(0)
    expect(proofs.flatMap(missingOf)).toEqual([])
    const guides = [...(cells.at(-1) ?? '').matchAll(/\]\(([^)#]+)/g)].map(([, path = '']) => `docs/${path}`)
    expect(guides.length).toBeGreaterThan(0)
    expect(guides.filter((path) => !existsSync(join(root, path)))).toEqual([])
  })

  it('leaves out no test of the engine and of faults', () => {
    const named = new Set(rows.flatMap(({ row }) => readProofs(row)).map(({ path }) => path))
    const files = ['test/engine', 'test/faults'].flatMap((folder) =>
      readdirSync(join(root, folder)).map((name) => `${folder}/${name}`),
    )
    expect(files.filter((path) => path.endsWith('.test.ts') && !named.has(path))).toEqual([])
  })

  it('would be found out if it named what is not there', () => {
    const [proof, other] = readProofs(
      '`test/docs/features.test.ts` “has every table”, “has no table”, `test/no.test.ts`',
    )
    expect(proof && missingOf(proof)).toEqual(['test/docs/features.test.ts “has no table”'])
    expect(other && missingOf(other)).toEqual(['test/no.test.ts'])
  })
})

it('no guide promises more than at least once', () => {
  const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
  const boasts = pages
    .filter((page) => page.endsWith('.md'))
    .filter((page) => /exactly[ -]once/i.test(readFileSync(join(root, page), 'utf8').replace(/\s+/g, ' ')))
  expect(boasts).toEqual([])
})
