import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest'
import { packAll, type PackageName, type Packed } from '../packages/pack.ts'
import { plainMachine } from './machine.ts'
import { createProject, firstTask, readmeSample, type Project } from './project.ts'

let folder: string
let packed: ReadonlyMap<PackageName, Packed>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskloom-install-'))
  packed = new Map([...(await packAll(folder))].filter(([name]) => name !== 'testkit'))
}, 120_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

let project: Project
afterEach(() => project.close())

// Compiles better-sqlite3 where there is no prebuilt binary: the one test that does.
it('a plain npm install has a store that lasts, ready to be used', { timeout: 900_000 }, async () => {
  project = await createProject(plainMachine(), 'module')
  await project.install(packed)
  expect(existsSync(join(project.folder, 'node_modules/better-sqlite3/build/Release/better_sqlite3.node'))).toBe(true)
  await project.write('main.js', readmeSample(project, 'engine', 'js'))
  expect(await firstTask(await project.host('main.js'))).toMatchObject({ funcName: 'send_welcome' })
  process.stdout.write(`Plain install: ${project.seconds().toFixed(1)} s from npm install to the first task shown\n`)
  expect(existsSync(join(project.folder, 'tasks.db'))).toBe(true)
})

it('installs nothing of servers that nobody asked for', { timeout: 180_000 }, async () => {
  project = await createProject(plainMachine(), 'module')
  await project.run('npm', 'install', '--prefer-offline', '--omit=optional', ...tarballs())
  const drivers = ['better-sqlite3', 'pg', 'mysql2', 'ioredis', 'bullmq', '@opentelemetry/api', 'vitest', 'express']
  expect(drivers.filter((name) => existsSync(join(project.folder, 'node_modules', name)))).toEqual([])
  await project.write('entries.js', loadsEverything)
  expect(await project.run('node', 'entries.js')).toBe('all loaded\n')
})

const loadsEverything = `
import { readFile } from 'node:fs/promises'
const { exports } = JSON.parse(await readFile('node_modules/@taskloom/engine/package.json', 'utf8'))
const paths = Object.keys(exports).filter((path) => !path.endsWith('.json'))
for (const path of paths) await import('@taskloom/engine' + path.slice(1))
console.log('all loaded')
`

function tarballs(): string[] {
  return [...packed.values()].map(({ tarball }) => tarball)
}
