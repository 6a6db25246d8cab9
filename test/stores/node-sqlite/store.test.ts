import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../..', import.meta.url))
const here = fileURLToPath(new URL('.', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'taskloom-node-22-'))
const node = join(folder, 'node_modules/node/bin/node')

/** A Node that brings SQLite: the one that runs the tests need not. */
beforeAll(async () => {
  const host = { private: true, dependencies: { node: '22' }, allowScripts: { node: true } }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(host))
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts=false'], { cwd: folder })
}, 300_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

interface Assertion {
  readonly fullName: string
  readonly status: string
  readonly failureMessages: readonly string[]
}

describe('the published suite on the SQLite of Node', { timeout: 240_000 }, () => {
  it.each([
    ['this Node 22', []],
    ['Node 22.13, which gives no rows as arrays', ['--import', join(here, 'as-node-22-13.mjs')]],
  ])('passes test by test on %s', async (name, flags) => {
    const out = join(folder, `${flags.length}.json`)
    const vitest = join(root, 'node_modules/vitest/vitest.mjs')
    const args = ['run', '--config', join(here, 'vitest.config.ts'), '--reporter=json', `--outputFile=${out}`]
    const env = { ...process.env, NODE_OPTIONS: flags.join(' ') }
    // How it ended is told by its results: a run that fails has them, too.
    const failure = await run(node, [vitest, ...args], { cwd: root, env }).then(() => '', String)
    const results = readResults(out, failure)
    expect(results.filter(({ status }) => status !== 'passed')).toEqual([])
    expect(results.length, name).toBeGreaterThan(150)
    expect(failure).toBe('')
  })
})

describe('a host without better-sqlite3', { timeout: 60_000 }, () => {
  beforeAll(() => {
    for (const name of ['engine', 'protocol', 'client', 'dashboard']) {
      for (const part of ['dist', 'package.json']) {
        cpSync(join(root, 'packages', name, part), join(folder, 'host/node_modules/@taskloom', name, part), {
          recursive: true,
        })
      }
    }
    for (const name of ['croner', 'devalue', 'papaparse', 'ws']) {
      cpSync(join(root, 'node_modules', name), join(folder, 'host/node_modules', name), {
        recursive: true,
        dereference: true,
      })
    }
    cpSync(join(here, 'bare.mjs'), join(folder, 'host/bare.mjs'))
  })
  const host = async (...flags: readonly string[]) => {
    const { stdout, stderr } = await run(node, [...flags, join(folder, 'host/bare.mjs'), join(folder, 'tasks.db')])
    return { said: JSON.parse(stdout) as Record<string, unknown>, stderr }
  }

  it('keeps its tasks by what Node brings, whose warning is left to be seen', async () => {
    const { said, stderr } = await host()
    expect(said).toMatchObject({ status: 'success', total: 1 })
    expect(stderr).toContain('SQLite is an experimental feature')
  })

  it('is told both ways out where Node brings nothing', async () => {
    const { said } = await host('--no-experimental-sqlite')
    expect(said).toMatchObject({ code: 'store_failed', reason: 'driver_missing' })
    expect(said['message']).toContain('npm install better-sqlite3')
    expect(said['message']).toContain('Node 22.13 or newer')
  })
})

function readResults(file: string, failure: string): readonly Assertion[] {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch {
    throw new Error(`The suite did not run: ${failure}`)
  }
  const { testResults } = JSON.parse(text) as { readonly testResults: readonly { assertionResults: Assertion[] }[] }
  return testResults.flatMap(({ assertionResults }) => assertionResults)
}
