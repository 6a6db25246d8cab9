// What this machine has: browsers, the system's package manager. Plain Node, nothing from node_modules.
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

const browserNames = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome']

const browserPaths = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
  ],
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    .filter(Boolean)
    .map((folder) => join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe')),
}

/** The path of a Chromium or Chrome that can run the browser tests; null when there is none. */
export function findBrowser() {
  const named = process.env.CHROME_PATH
  if (named) return existsSync(named) ? named : findProgram(named)
  const onPath = browserNames.map(findProgram).find((path) => path !== null)
  return onPath ?? (browserPaths[process.platform] ?? []).find((path) => existsSync(path)) ?? null
}

/** The full path of a program on the PATH or where Debian keeps servers; null when it is not there. */
export function findProgram(name) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : ['']
  for (const folder of [...(process.env.PATH ?? '').split(delimiter), ...serverFolders()]) {
    for (const ending of endings) {
      const path = join(folder, name + ending)
      if (folder && existsSync(path)) return path
    }
  }
  return null
}

/** Off the PATH of most users. */
function serverFolders() {
  const postgres = '/usr/lib/postgresql'
  const versions = existsSync(postgres) ? readdirSync(postgres) : []
  return ['/usr/sbin', '/usr/local/sbin', ...versions.map((version) => join(postgres, version, 'bin'))]
}

/** Installs Debian packages; false when this is no Debian, or we may not, or it failed. */
export function installDebianPackages(packages) {
  const prefix = rootPrefix()
  if (prefix === null || !isDebian()) return false
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  return [
    ['apt-get', 'update'],
    ['apt-get', 'install', '-y', '--no-install-recommends', ...packages],
  ].every((command) => {
    const [program, ...args] = [...prefix, ...command]
    return spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'], env }).status === 0
  })
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'))
  } catch {
    return false
  }
}

/** What to put before a command so that it runs as root; null when we may not. */
function rootPrefix() {
  if (process.getuid?.() === 0) return []
  if (findProgram('sudo') === null) return null
  return spawnSync('sudo', ['-n', 'true'], { stdio: 'ignore' }).status === 0 ? ['sudo', '-n', '-E'] : null
}
