import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { missingOf, readProofs, readRows, root } from './proofs.ts'

const rows = readRows(readFileSync(join(root, 'docs/behaviours.md'), 'utf8'))

describe('the page of behaviours', () => {
  it('has each of the 231, in sections of the size they say', () => {
    expect(rows).toHaveLength(231)
    const sections = new Set(rows.map(({ section }) => section))
    expect(sections.size).toBe(13)
    for (const section of sections) {
      const own = rows.filter((row) => row.section === section)
      expect(section).toContain(`(${own.length})`)
      expect(new Set(own.map(({ cells }) => cells[0])).size).toBe(own.length)
    }
  })

  it.each(rows)('says the same, or why another is better, and names a test by its title: $cells.0', ({ cells }) => {
    const [, here = '', test = ''] = cells
    expect(here).toMatch(/^(same(, as `\w+`)?|\*\*better\.\*\* .{20,}\.)$/)
    const proofs = readProofs(test)
    expect(proofs).toHaveLength(1)
    expect(proofs[0]?.titles).toHaveLength(1)
    expect(proofs.flatMap(missingOf)).toEqual([])
  })
})
