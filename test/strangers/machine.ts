import { execFile, type ExecFileException } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { root } from '../packages/pack.ts'

/** The machine of somebody who has never seen this repository: a version of Node, and what else an install finds. */
export interface Machine {
  readonly name: string
  readonly environment: NodeJS.ProcessEnv
  /** What its owner installs beside ours. */
  readonly alsoInstalled: readonly string[]
}

/**
 * This Node, where a prebuilt binary of better-sqlite3 is found as most find it in the net: npm runs the same install
 * script, which looks into a folder before it asks elsewhere. The binary is the one that this repository's own install made.
 */
export async function machineWithPrebuilt(folder: string): Promise<Machine> {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/better-sqlite3/package.json'), 'utf8'))
  const { modules } = process.versions
  const archive = `better-sqlite3-v${version}-node-v${modules}-${process.platform}-${process.arch}.tar.gz`
  const prebuilt = join(folder, 'prebuilt')
  await mkdir(prebuilt, { recursive: true })
  const file = 'build/Release/better_sqlite3.node'
  await promisify(execFile)('tar', [
    '-czf',
    join(prebuilt, archive),
    '-C',
    join(root, 'node_modules/better-sqlite3'),
    file,
  ])
  return {
    name: `Node ${process.versions.node}`,
    environment: environmentOf(dirname(process.execPath), { npm_config_better_sqlite3_local_prebuilds: prebuilt }),
    // Only this version fits the binary.
    alsoInstalled: [`better-sqlite3@${version}`],
  }
}

/** This Node, and nothing done for anybody. */
export function plainMachine(): Machine {
  const environment = environmentOf(dirname(process.execPath))
  return { name: `Node ${process.versions.node}`, environment, alsoInstalled: [] }
}

/** Node 22 without what compiles native packages: there better-sqlite3 brings its binary along. */
export async function machineWithoutCompiler(folder: string): Promise<Machine> {
  await mkdir(folder, { recursive: true })
  const here = environmentOf(dirname(process.execPath))
  await execute('npm', ['install', '--prefix', folder, '--prefer-offline', 'node@22'], folder, here)
  const environment = environmentOf(join(folder, 'node_modules/node/bin'), { NODE_GYP_FORCE_PYTHON: '/no/python/here' })
  const version = (await execute('node', ['--version'], folder, environment)).trim()
  if (!version.startsWith('v22.')) throw new Error(`Wanted Node 22, got ${version}`)
  return { name: `Node ${version.slice(1)} without a compiler`, environment, alsoInstalled: [] }
}

/** Runs a program to its end and gives what it printed; throws with all of it when it failed. */
export function execute(
  program: string,
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const maxBuffer = 64 * 1024 * 1024
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env, maxBuffer }, (error: ExecFileException | null, stdout, stderr) => {
      if (error) reject(new Error(`${program} ${args.join(' ')} in ${cwd} failed:\n${stdout}\n${stderr}`))
      else resolve(stdout)
    })
  })
}

/** What `npm run` and the runner of these tests say of this repository is not for strangers. */
function environmentOf(nodeFolder: string, more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
  const ours =
    /^(npm_(package|lifecycle|command|execpath|node_execpath|config_(local_prefix|prefix|global_prefix))|VITEST|INIT_CWD|FORCE_COLOR|NODE_(ENV|OPTIONS|PATH)$|TEST$|CI$)/i
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name))
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((path) => !path.includes('node_modules'))
  return { ...Object.fromEntries(kept), PATH: [nodeFolder, ...folders].join(delimiter), NO_COLOR: '1', ...more }
}
