import { spawn, type ChildProcess } from 'node:child_process'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@taskloom/client'
import type { TaskSummary } from '@taskloom/protocol'
import { expect } from 'vitest'
import { packageNames, root, type PackageName, type Packed } from '../packages/pack.ts'
import { execute, type Machine } from './machine.ts'

const projects = join(dirname(fileURLToPath(import.meta.url)), 'projects')

/** An empty folder of a stranger's, in which our packages come out of their tarballs and nothing of this repository is near. */
export interface Project {
  readonly folder: string
  /** A file of the project is what it is told, or a copy of one in `projects`. */
  write(path: string, content: string): Promise<void>
  copy(name: string, path?: string): Promise<void>
  /** Runs `npm install` with our packages and others, such as `vite@8`. From here the time is counted. */
  install(packed: ReadonlyMap<PackageName, Packed>, others?: readonly string[]): Promise<void>
  run(program: string, ...args: readonly string[]): Promise<string>
  /** Starts a program of the project and gives the origin that it prints. */
  host(program: string, ...args: readonly string[]): Promise<string>
  /** Seconds since the install began. */
  readonly seconds: () => number
  close(): Promise<void>
}

/** A folder with a `package.json` that says the least, on a machine. */
export async function createProject(machine: Machine, type: 'module' | 'commonjs'): Promise<Project> {
  const folder = await mkdtemp(join(tmpdir(), 'taskloom-stranger-'))
  const children: ChildProcess[] = []
  let began = 0
  const write = (path: string, content: string) => writeFile(join(folder, path), content)
  const run = (program: string, ...args: readonly string[]) => execute(program, args, folder, machine.environment)
  await write('package.json', JSON.stringify({ name: 'stranger', private: true, type }))
  return {
    folder,
    write,
    run,
    copy: (name, path = '.') => cp(join(projects, name), join(folder, path), { recursive: true }),
    async install(packed, others = []) {
      began = performance.now()
      const ours = packageNames.filter((name) => packed.has(name)).map((name) => packed.get(name)!.tarball)
      await run(
        'npm',
        'install',
        '--prefer-offline',
        '--no-audit',
        '--no-fund',
        ...ours,
        ...machine.alsoInstalled,
        ...others,
      )
    },
    host(program, ...args) {
      const env = { ...machine.environment, PORT: '0' }
      const child = spawn('node', [program, ...args], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] })
      children.push(child)
      return originOf(child)
    },
    seconds: () => (performance.now() - began) / 1000,
    async close() {
      await Promise.all(children.map(end))
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Waits until the project's newest task has succeeded, as its list says. */
export async function firstTask(origin: string): Promise<TaskSummary> {
  const client = createClient({ src: `${origin}/tasks` })
  let shown: TaskSummary | undefined
  await expect
    .poll(async () => (shown = (await client.list()).tasks[0])?.status, { timeout: 20_000, message: 'the first task' })
    .toBe('success')
  return shown!
}

/** A package of this repository's own as strangers ask for it: by the version that the tests here run with. */
export function asTested(name: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8')) as {
    version: string
  }
  return `${name}@${version}`
}

/** The first sample of a language in the readme of an installed package. */
export function readmeSample(project: Project, name: PackageName, language: 'js' | 'html'): string {
  const text = readFileSync(join(project.folder, 'node_modules/@taskloom', name, 'README.md'), 'utf8')
  const sample = new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'm').exec(text)?.[1]
  if (sample === undefined) throw new Error(`The readme of ${name} has no sample in ${language}`)
  return sample
}

function originOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const hear = (chunk: Buffer): void => {
      output += String(chunk)
      const origin = /http:\/\/localhost:\d+(?=\/)/.exec(output)?.[0]
      if (origin !== undefined) resolve(origin)
    }
    child.stdout?.on('data', hear)
    child.stderr?.on('data', hear)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`The host ended with code ${code}:\n${output}`)))
  })
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}
