import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { generatedTypes } from '../../website/reference/generated.ts'
import { compile, escapeOf, samplesOf, type Sample } from './compile.ts'
import { pages, readFences, readPage } from './pages.ts'
import { root } from './proofs.ts'

const inNode = pages.flatMap((page) => samplesOf(page, 'node'))
const inPages = pages.flatMap((page) => samplesOf(page, 'page'))
const broken = (name: string, text: string): Sample => ({
  place: 'here',
  path: join(root, 'test/docs', `broken.sample.${name}`),
  text,
})
const brokenTs = broken(
  'ts',
  `import { TaskManager } from '@taskloom/engine'
const tasks = new TaskManager()
const double = tasks.define('double', {}, async (value: number) => value * 2)
await double.enqueue('21')`,
)
const brokenJs = broken(
  'js',
  `import { nothing } from '@taskloom/dashboard'
const dashboard = document.querySelector('task-dashboard')
dashboard.nothing = ours(nothing)`,
)

describe('the samples of the documentation', () => {
  let faults: ReadonlyMap<string, readonly string[]>

  beforeAll(async () => {
    const types = await generatedTypes()
    const built = [...types].map(([name, text]) => [join(root, 'packages/dashboard/dist', name), text] as const)
    faults = new Map([
      ...compile([...inNode, brokenTs], 'node'),
      ...compile([...inPages, brokenJs], 'page', new Map(built)),
    ])
  }, 240_000)

  it('are there', () => {
    expect(inNode.length).toBeGreaterThan(80)
    expect(inPages.length).toBeGreaterThan(6)
  })

  it.each([...inNode, ...inPages])('compile: $place', ({ path }) => {
    expect(faults.get(path) ?? []).toEqual([])
  })

  it('would not compile with an argument of the wrong type', () => {
    expect(faults.get(brokenTs.path)).toEqual([expect.stringContaining("type 'string' is not assignable")])
  })

  it('would not compile as JavaScript that asks of us what there is not', () => {
    expect(faults.get(brokenJs.path)).toEqual([
      expect.stringContaining("no exported member 'nothing'"),
      expect.stringContaining("'nothing' does not exist on type 'TaskDashboard'"),
    ])
  })

  it.each(pages)('do not get past the compiler unless a comment says why: %s', (page) => {
    const escaped = readFences(readPage(page)).flatMap((fence) => {
      const why = escapeOf(fence)
      return why === null ? [] : [`${page}:${fence.line} ${why}`]
    })
    expect(escaped).toEqual([])
  })

  it('are seen however they are fenced', () => {
    const text = [
      '- in a list',
      '  ```ts title',
      '  one',
      '  ```',
      '~~~javascript',
      'two',
      '~~~',
      '<!-- not compiled: another compiler reads it -->',
      '',
      '```mts',
      '```',
    ].join('\n')
    const fences = readFences(text)
    expect(fences.map(({ language, text: code, line }) => [language, code, line])).toEqual([
      ['ts', 'one', 2],
      ['javascript', 'two', 5],
      ['mts', '', 10],
    ])
    expect(fences.map(escapeOf)).toEqual([null, 'is of the unknown language javascript', null])
  })
})
