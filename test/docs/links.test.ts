import { existsSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { describe, expect, it } from 'vitest'
import { pages, readAnchors, readLinks, readPage } from './pages.ts'
import { root } from './proofs.ts'

describe('the links of the documentation', () => {
  it.each(pages)('lead somewhere: %s', (page) => {
    expect(faultsOf(page, readPage(page))).toEqual([])
  })

  it('are found in Markdown and in HTML, and not in code', () => {
    const text = [
      '[a](one.md#x) ![p](two.png "Two") [`c`](three.md) [![p](four.png)](five.md)',
      '<img src="six.png"> `[no](no.md)` <!-- [no](no.md) -->',
      '```md',
      '[no](no.md)',
      '```',
      '[b](<seven.md>) [c](eight_(8).md)',
    ].join('\n')
    expect(readLinks(text).map(({ target }) => target)).toEqual([
      'one.md#x',
      'two.png',
      'three.md',
      'four.png',
      'five.md',
      'six.png',
      'seven.md',
      'eight_(8).md',
    ])
    expect(readLinks(text).at(-1)?.line).toBe(6)
  })

  it('would be found out', () => {
    const text = '# A & b\n\n## `x()`: why?\n\n## Same\n\n## Same\n\n```\n# none\n```\n'
    expect([...readAnchors(text)]).toEqual(['a--b', 'x-why', 'same', 'same-1'])
    const links =
      '[1](#same-1) [2](#none) [3](nothing.md) [4](retries.md#nothing) [5](/docs/retries.md) [6](https://x.y)'
    expect(faultsOf('docs/here.md', `${text}\n${links}`)).toEqual([
      'line 13: there is no anchor #none',
      'line 13: there is no nothing.md',
      'line 13: there is no anchor retries.md#nothing',
      'line 13: /docs/retries.md is not relative',
    ])
  })
})

/** Links of a page that lead nowhere. Those to other sites are not asked. */
function faultsOf(page: string, text: string): readonly string[] {
  return readLinks(text)
    .filter(({ target }) => !/^(?:https?|mailto):/.test(target))
    .flatMap(({ target, line }) => {
      const fault = faultOf(page, text, target)
      return fault === null ? [] : [`line ${line}: ${fault}`]
    })
}

function faultOf(page: string, text: string, target: string): string | null {
  const [path = '', anchor = ''] = target.split('#')
  if (path.startsWith('/')) return `${target} is not relative`
  const linked = path === '' ? page : normalize(join(dirname(page), decodeURIComponent(path)))
  if (path !== '' && (linked.startsWith('..') || !existsSync(join(root, linked)))) return `there is no ${path}`
  if (anchor === '') return path === '' ? 'it leads nowhere' : null
  if (!linked.endsWith('.md')) return `${path} has no anchors`
  return readAnchors(path === '' ? text : readPage(linked)).has(anchor) ? null : `there is no anchor ${target}`
}
