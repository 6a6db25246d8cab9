import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { afterAll, describe, expect, it } from 'vitest'
import { collectTexts } from '../words/collect.ts'
import { pages } from './pages.ts'
import { root } from './proofs.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-spelling-'))
afterAll(() => rmSync(folder, { recursive: true }))

const checker = join(root, 'node_modules/cspell/bin.mjs')

describe('the spelling', { timeout: 240_000 }, () => {
  it('of every page and of what the dashboard says in English is right', async () => {
    const { said } = await collectTexts()
    expect(said.length).toBeGreaterThan(300)
    const words = writeText('dashboard.txt', said.map((each) => each.text).join('\n'))
    expect(await misspelt([...pages.map((page) => join(root, page)), words])).toEqual([])
  })

  it('would be found out', async () => {
    const found = await misspelt([writeText('wrong.md', '# Wrong\n\nThe recieved tasks of a colour.\n')])
    expect(found).toEqual([expect.stringMatching(/wrong\.md:3:5.*recieved/)])
  })
})

function writeText(name: string, content: string): string {
  const path = join(folder, name)
  writeFileSync(path, content)
  return path
}

/** Words that no dictionary knows, each with its place. Whatever else the checker says is a fault, too. */
async function misspelt(files: readonly string[]): Promise<readonly string[]> {
  const options = [
    '--config',
    join(root, 'cspell.json'),
    '--no-progress',
    '--no-summary',
    '--no-color',
    '--no-gitignore',
  ]
  const child = spawn(process.execPath, [checker, 'lint', ...options, '--file', ...files], { cwd: root })
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)])
  return `${out}\n${err}`.split('\n').filter((line) => line.trim() !== '')
}
