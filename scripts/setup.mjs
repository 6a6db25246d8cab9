// Makes a fresh clone ready: Node's version, npm packages, and with --browser what the tests run. Does nothing where
// nothing is missing. Plain Node, because it runs before there are any packages.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findBrowser, findProgram, installDebianPackages } from './machine.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** Not among the workspaces: whoever wants the demo needs none of their frameworks. */
const examples = join(root, 'examples')
const website = join(root, 'website')
const leastNode = [20, 19]
const compilers = ['python3', 'make', 'g++']

/** What tests run beside a browser: program, Debian's package, who is skipped without it. */
const wantedPrograms = [
  ['nginx', 'nginx-light', 'the test behind a proxy'],
  ['soffice', 'libreoffice-calc-nogui', 'the test that opens an export as a sheet'],
  ['postgres', 'postgresql', 'the tests on PostgreSQL'],
  ['mariadbd', 'mariadb-server', 'the tests on MariaDB'],
  ['redis-server', 'redis-server', 'the tests on Redis'],
]

checkNode()
ensurePackages(root, 'Installing npm packages (npm ci). The SQLite driver may be compiled, which takes a few minutes.')
if (process.argv.includes('--browser')) {
  ensurePackages(examples, 'Installing what the examples are tested with (npm ci in examples/).')
  ensurePackages(website, 'Installing what builds the documentation site (npm ci in website/).')
  ensureBrowser()
  ensurePrograms()
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  if (major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1])) return
  stop(
    `Taskloom needs Node ${leastNode.join('.')} or newer; this is Node ${process.versions.node}.`,
    'Get one from https://nodejs.org or with your version manager, then run the same command again.',
  )
}

function ensurePackages(folder, words) {
  if (packagesAreCurrent(folder)) return
  say(words)
  if (npmCi(folder)) return
  const missing = compilers.filter((name) => findProgram(name) === null)
  if (missing.length > 0 && installDebianPackages(missing) && npmCi(folder)) return
  stop(
    '`npm ci` failed; its output above says why.',
    missing.length > 0
      ? `The SQLite driver is compiled where no prebuilt binary fits, and this machine has no ${missing.join(', ')}.`
      : 'If it could not reach the npm registry, check the network and `npm config get registry`.',
    'When it is mended, run the same command again.',
  )
}

/** Compares what is installed with the lock file by content: file times change with every checkout. */
function packagesAreCurrent(folder) {
  const installed = readLock(join(folder, 'node_modules', '.package-lock.json'))
  const wanted = readLock(join(folder, 'package-lock.json'))
  if (installed === null || wanted === null) return false
  return Object.entries(wanted).every(([path, entry]) => {
    if (!path.startsWith('node_modules/') || entry.optional || entry.devOptional || entry.peer) return true
    return entry.link ? existsSync(join(folder, path)) : installed[path]?.version === entry.version
  })
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8')).packages
  } catch {
    return null
  }
}

function npmCi(folder) {
  const npmScript = process.env.npm_execpath
  const [program, args] = npmScript?.endsWith('.js') ? [process.execPath, [npmScript, 'ci']] : ['npm', ['ci']]
  const needsShell = process.platform === 'win32' && program === 'npm'
  const flags = ['--no-audit', '--no-fund']
  const answer = spawnSync(program, [...args, ...flags], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: needsShell,
  })
  return answer.status === 0
}

function ensureBrowser() {
  if (findBrowser() !== null) return
  if (process.env.CHROME_PATH) stop(`CHROME_PATH is ${process.env.CHROME_PATH}, and there is no such program.`)
  say('No Chromium or Chrome found; asking the system for one (apt-get install chromium).')
  if (installDebianPackages(['chromium', 'fonts-dejavu-core']) && findBrowser() !== null) return
  stop(
    'The browser tests need Chromium or Google Chrome, and none was found or could be installed.',
    'Debian, Ubuntu: sudo apt-get install chromium fonts-dejavu-core',
    'macOS: brew install --cask google-chrome      Windows: winget install Google.Chrome',
    'Somewhere else: set CHROME_PATH to its program file.',
  )
}

/** Programs that some tests want; without one they are skipped, which only the continuous integration does not allow. */
function ensurePrograms() {
  const missing = wantedPrograms.filter(([name]) => findProgram(name) === null)
  if (missing.length === 0) return
  const packages = missing.map(([, debianPackage]) => debianPackage)
  say(`Asking the system for what some tests run (apt-get install ${packages.join(' ')}).`)
  if (installDebianPackages(packages)) return
  for (const [name, debianPackage, tests] of missing) {
    say(`There is no ${name} (Debian, Ubuntu: sudo apt-get install ${debianPackage}); ${tests} will be skipped.`)
  }
}

function say(text) {
  process.stdout.write(`\n${text}\n`)
}

function stop(...lines) {
  process.stderr.write(`\n${lines.join('\n')}\n\n`)
  process.exit(1)
}
