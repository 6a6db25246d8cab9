import { PassThrough } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRedactor } from '../../packages/engine/src/cli/redact.ts'
import { runCommandLine } from '../../packages/engine/src/cli/run.ts'
import { createStyle } from '../../packages/engine/src/cli/style.ts'
import { formatTable } from '../../packages/engine/src/cli/table.ts'
import { cutTo, widthOf } from '../../packages/engine/src/cli/text.ts'
import type { Output } from '../../packages/engine/src/cli/world.ts'
import { openShop, type Shop } from './shop.ts'

const plain = createStyle(false)
const escape = '\u001b'

describe('a command on a terminal', { timeout: 60_000 }, () => {
  let shop: Shop
  beforeAll(async () => {
    shop = await openShop('local')
  })
  afterAll(() => shop.close())

  async function run(args: readonly string[], { answer = '', env = {}, columns = 80 } = {}) {
    const [out, err] = [new Screen(columns), new Screen(columns)]
    const input = Object.assign(new PassThrough(), { isTTY: true })
    input.end(answer)
    const { signal } = new AbortController()
    const code = await runCommandLine([...args, ...shop.flags], { out, err, input, env, signal, now: Date.now, fetch })
    return { code, out: out.text, err: err.text }
  }

  it('has its state in colour, unless that is not wanted', async () => {
    expect((await run(['tasks', '--status', 'failed'])).out).toContain(`${escape}[31mfailed`)
    expect((await run(['tasks', '--status', 'failed'], { env: { NO_COLOR: '1' } })).out).not.toContain(escape)
    expect((await run(['tasks', '--status', 'failed', '--json'])).out).not.toContain(escape)
  })

  it.each([60, 80, 100, 200])('fits %i columns, and never cuts an id', async (columns) => {
    const { out } = await run(['tasks', '--status', 'failed'], { columns, env: { NO_COLOR: '1' } })
    const lines = out.trimEnd().split('\n')
    expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(columns)
    for (const line of lines.slice(1, -1)) expect(line).toMatch(/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12} /)
  })

  it('asks before many are changed, and does nothing unless the answer is yes', async () => {
    const all = ['dead-letter', 'delete', '--all'] as const
    const no = await run(all, { answer: 'n\n' })
    expect([no.code, no.out]).toEqual([1, ''])
    expect(no.err).toContain('Delete 9 tasks? [y/N]')
    expect((await run(all, { answer: '' })).code).toBe(1)
    const few = await run([...all, '--tag', 'order:1'])
    expect([few.code, few.out, few.err]).toEqual([0, 'Deleted 1 task\n', ''])
    const yes = await run(['dead-letter', 'delete', '--all'], { answer: 'y\n' })
    expect([yes.code, yes.out]).toEqual([0, 'Deleted 8 tasks\n'])
    expect(yes.err).toContain('Deleting 8 of 8 (100 %)')
    expect((await run(['dead-letter', 'list'])).out).toBe('No dead letters\n')
  })
})

describe('the redactor', () => {
  const redact = createRedactor(['a-long-token', 'abc', undefined])

  it.each([
    ['at http://ann:pw@shop.test/a and ftp://bob:p:w@x', 'at http://ann:***@shop.test/a and ftp://bob:***@x'],
    ['GET /a?x=1&api_key=12&y=2 told a-long-token', 'GET /a?x=1&api_key=***&y=2 told ***'],
    ['{"a":"http://a:1","b":"x@y","c":"?token=1"}', '{"a":"http://a:1","b":"x@y","c":"?token=***"}'],
    [String.raw`{"error":"no \"?key=1\" there"}`, String.raw`{"error":"no \"?key=***\" there"}`],
    ['http://127.0.0.1:3000/tasks by ann@shop.test abc', 'http://127.0.0.1:3000/tasks by ann@shop.test abc'],
  ])('makes of %s', (text, shown) => {
    expect(redact(text)).toBe(shown)
  })
})

describe('a table', () => {
  const rows = [
    { name: 'a', words: 'plain' },
    { name: '日本', words: 'one\ntwo \u001b[2J\u202eesrever' },
  ]
  const shape = [
    { head: 'NAME', cell: ({ name }: (typeof rows)[number]) => name },
    { head: 'WORDS', cell: ({ words }: (typeof rows)[number]) => words, least: 6 },
  ]

  it('counts wide letters as two, and lets nothing through that drives a terminal', () => {
    expect(formatTable(shape, rows, plain, null)).toBe('NAME  WORDS\na     plain\n日本  one two  [2J esrever\n')
  })

  it('narrows what may be narrowed, and leaves out what may be left out', () => {
    expect(formatTable(shape, rows, plain, 14)).toBe('NAME  WORDS\na     plain\n日本  one two…\n')
    const dispensable = shape.map((column) => (column.head === 'WORDS' ? { ...column, dispensable: 1 } : column))
    expect(formatTable(dispensable, rows, plain, 8)).toBe('NAME\na\n日本\n')
    expect(formatTable(shape, [], plain, null)).toBe('NAME  WORDS\n')
  })

  it.each([
    ['abc', 3, 'abc'],
    ['abcd', 3, 'ab…'],
    ['日本語', 5, '日本…'],
    ['日本語', 4, '日…'],
    ['👩‍👩‍👧x', 2, '…'],
    ['abc', 0, ''],
  ])('cuts %s to %i columns', (text, columns, cut) => {
    expect(cutTo(text, columns)).toBe(cut)
  })
})

class Screen implements Output {
  readonly isTerminal = true
  readonly isClosed = false
  text = ''
  constructor(readonly columns: number) {}
  write(text: string): Promise<void> {
    this.text += text
    return Promise.resolve()
  }
}
