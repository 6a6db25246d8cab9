import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { contents, pagesOf } from '../../website/contents.ts'
import { root } from './proofs.ts'

const rootPages = ['overview', 'contributing', 'changelog']

it('the sidebar of the site has every page once', () => {
  const pages = readdirSync(join(root, 'docs')).flatMap((name) => (name.endsWith('.md') ? [name.slice(0, -3)] : []))
  const listed = pagesOf(contents).map(({ page }) => page)
  expect([...listed].sort()).toEqual([...pages, ...rootPages].sort())
})
