// Runs everything: build, checks, Node tests, browser tests. Later steps run even when an earlier one failed, so that one
// run tells everything. The last line counts all together.
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { stripVTControlCharacters } from 'node:util'
import { findBrowser } from './machine.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const inCi = Boolean(process.env.CI) && process.env.CI !== 'false'
const browser = findBrowser()
const typescript = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
const workFolder = mkdtempSync(join(tmpdir(), 'taskloom-test-'))
const children = new Set()

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of children) child.kill(signal)
    rmSync(workFolder, { recursive: true, force: true })
    process.exit(130)
  })
}

const rows = []
await step('build', () => check('npm', ['run', 'build']))
// Each of these keeps one core busy; the first takes as long as the others together.
await Promise.all([
  inTurn([['lint', 'npm', ['run', 'lint']]]),
  inTurn([
    ['types', 'npm', ['run', 'types']],
    ['types of the examples', process.execPath, [typescript, '-p', 'examples']],
    ['format', 'npm', ['run', 'format:check']],
    ['documentation site', 'npm', ['--prefix', 'website', 'run', 'build']],
  ]),
])
await step('node tests (vitest)', vitest)
await step('browser tests (web-test-runner)', webTestRunner)
rmSync(workFolder, { recursive: true, force: true })
report()

async function step(suite, run) {
  process.stdout.write(`\n=== ${suite}\n`)
  const startedAt = performance.now()
  const counts = await run()
  rows.push({ suite, ...counts, seconds: (performance.now() - startedAt) / 1000 })
}

async function check(program, args) {
  return asOne(await start(program, args))
}

/** Checks beside which others run: what one says is told when it has ended, in one piece. */
async function inTurn(checks) {
  for (const [suite, program, args] of checks) {
    const startedAt = performance.now()
    const { exitCode, output } = await start(program, args, { output: 'kept' })
    process.stdout.write(`\n=== ${suite}\n${output}`)
    rows.push({ suite, ...asOne({ exitCode }), seconds: (performance.now() - startedAt) / 1000 })
  }
}

function asOne({ exitCode }) {
  return exitCode === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }
}

async function vitest() {
  const resultFile = join(workFolder, 'vitest.json')
  const script = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${resultFile}`]
  const { exitCode } = await start(process.execPath, [script, 'run', ...reporters])
  return honest(exitCode, readVitest(resultFile))
}

/** A file that did not load has no tests to fail: it counts as one failure. */
function readVitest(resultFile) {
  try {
    const result = JSON.parse(readFileSync(resultFile, 'utf8'))
    const broken = result.testResults.filter(
      (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
    )
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests + broken.length,
      skipped: result.numPendingTests + (result.numTodoTests ?? 0),
    }
  } catch {
    return null
  }
}

async function webTestRunner() {
  if (browser === null) {
    process.stdout.write('No browser found: run `node scripts/setup.mjs --browser` or set CHROME_PATH.\n')
    return { passed: 0, failed: 1, skipped: 0 }
  }
  const script = join(root, 'node_modules', '@web', 'test-runner', 'dist', 'bin.js')
  const { exitCode, output } = await start(process.execPath, [script, '--config', 'web-test-runner.config.mjs'], {
    cwd: join(root, 'packages', 'dashboard'),
    output: 'shown and kept',
  })
  return honest(exitCode, readWebTestRunner(output))
}

function readWebTestRunner(output) {
  const last = [...stripVTControlCharacters(output).matchAll(/(\d+) passed, (\d+) failed(?:, (\d+) skipped)?/g)].at(-1)
  if (!last) return null
  return { passed: Number(last[1]), failed: Number(last[2]), skipped: Number(last[3] ?? 0) }
}

/** A runner that ended badly, or that says nothing, has failed whatever it counted. */
function honest(exitCode, counts) {
  if (counts === null || counts.passed + counts.failed === 0) return { passed: 0, failed: 1, skipped: 0 }
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts
}

/** What it prints is shown, unless it is to be `kept` alone, together with what it says on standard error. */
function start(program, args, { cwd = root, output: wanted = 'shown' } = {}) {
  return new Promise((resolve) => {
    const env = { ...process.env, ...(browser === null ? {} : { CHROME_PATH: browser }) }
    const child = spawn(program, args, {
      cwd,
      env,
      stdio: ['ignore', wanted === 'shown' ? 'inherit' : 'pipe', wanted === 'kept' ? 'pipe' : 'inherit'],
      shell: process.platform === 'win32' && program === 'npm',
    })
    children.add(child)
    let output = ''
    child.stdout?.on('data', (chunk) => {
      output += chunk
      if (wanted !== 'kept') process.stdout.write(chunk)
    })
    child.stderr?.on('data', (chunk) => (output += chunk))
    child.on('error', (error) => {
      process.stderr.write(`${program} did not start: ${error.message}\n`)
      resolve({ exitCode: 1, output })
    })
    child.on('close', (code) => {
      children.delete(child)
      resolve({ exitCode: code ?? 1, output })
    })
  })
}

function report() {
  const total = (key) => rows.reduce((sum, row) => sum + row[key], 0)
  const width = Math.max(...rows.map((row) => row.suite.length))
  const line = (...cells) =>
    `${cells[0].padEnd(width)}${cells
      .slice(1)
      .map((cell) => String(cell).padStart(10))
      .join('')}\n`
  const table = rows.map((row) => line(row.suite, row.passed, row.failed, row.skipped, row.seconds.toFixed(1)))
  process.stdout.write(`\n${line('suite', 'passed', 'failed', 'skipped', 'seconds')}${table.join('')}\n`)
  const skippedInCi = inCi && total('skipped') > 0
  if (skippedInCi) process.stdout.write('In CI nothing may be skipped.\n')
  process.exitCode = total('failed') > 0 || skippedInCi ? 1 : 0
  process.stdout.write(`${total('passed')} passed, ${total('failed') + (skippedInCi ? total('skipped') : 0)} failed\n`)
}
