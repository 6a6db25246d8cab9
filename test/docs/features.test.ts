import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

it('every test and guide that the table of features names is there', () => {
  const rows = readFileSync(join(root, 'docs/features.md'), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| feature'))
  expect(rows.length).toBeGreaterThan(20)
  for (const row of rows) {
    const tests = [...row.matchAll(/`(test\/[^`]+)`/g)].map(([, path = '']) => path)
    const guides = [...row.matchAll(/\]\(([^)]+)\)/g)].map(([, path = '']) => `docs/${path}`)
    if (/^\|[\s-|]+\|$/.test(row)) continue
    expect({ row, tests: tests.length, guides: guides.length }).toMatchObject({ guides: 1 })
    expect(tests.length, row).toBeGreaterThan(0)
    expect([...tests, ...guides].filter((path) => !existsSync(join(root, path)))).toEqual([])
  }
})
