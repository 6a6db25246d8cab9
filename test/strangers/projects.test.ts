import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { packAll, type PackageName, type Packed } from '../packages/pack.ts'
import { launchBrowser, type TestBrowser } from '../whole/browser.ts'
import { appears, clickOn, rowSelector } from '../whole/screen.ts'
import { startCdn, type Cdn } from './cdn.ts'
import { machineWithoutCompiler, machineWithPrebuilt, type Machine } from './machine.ts'
import { asTested, createProject, firstTask, readmeSample, type Project } from './project.ts'

let folder: string
let everything: ReadonlyMap<PackageName, Packed>
let packed: ReadonlyMap<PackageName, Packed>
let browser: TestBrowser
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskloom-strangers-'))
  browser = await launchBrowser()
  everything = await packAll(folder)
  packed = new Map([...everything].filter(([name]) => name !== 'testkit'))
}, 120_000)
afterAll(async () => {
  await browser.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

let project: Project
let cdn: Cdn | null = null
afterEach(async () => {
  await project.close()
  await cdn?.close()
  cdn = null
})

let onNode22: Promise<Machine> | null = null
const node22 = (): Promise<Machine> => (onNode22 ??= machineWithoutCompiler(join(folder, 'node-22')))

const places = [
  { place: 'this Node', find: () => machineWithPrebuilt(folder) },
  { place: 'Node 22 without a compiler', find: node22 },
]

describe.each(places)('in an empty folder, on $place,', ({ find }) => {
  let machine: Machine
  beforeAll(async () => {
    machine = await find()
  }, 120_000)

  const timeout = 180_000
  const report = (kind: string): void => {
    const seconds = project.seconds().toFixed(1)
    process.stdout.write(`${kind}, ${machine.name}: ${seconds} s from npm install to the first task shown\n`)
  }

  it('strict TypeScript compiles against all types and runs', { timeout }, async () => {
    project = await createProject(machine, 'module')
    await project.copy('esm-typescript')
    await project.install(packed, [asTested('typescript'), asTested('@types/node')])
    await project.run('npx', 'tsc')
    const origin = await project.host('dist/main.js')
    expect(await firstTask(origin)).toMatchObject({ funcName: 'pack_order' })
    report('TypeScript')
  })

  it('the samples of the readmes run as they are', { timeout }, async () => {
    project = await createProject(machine, 'module')
    await project.install(packed)
    await project.write('main.js', readmeSample(project, 'engine', 'js'))
    const origin = await project.host('main.js')
    expect(await firstTask(origin)).toMatchObject({ funcName: 'send_welcome' })
    report('JavaScript')
    await project.write('ask.js', readmeSample(project, 'client', 'js'))
    expect(await project.run('node', 'ask.js', `${origin}/tasks`)).toBe('send_welcome success\n')
    await project.write('statuses.js', readmeSample(project, 'protocol', 'js'))
    expect(await project.run('node', 'statuses.js')).toContain('\nrunning goes on\nsuccess has ended\n')
    expect(await project.run('npx', 'taskloom', 'tasks', '--url', `${origin}/tasks`)).toContain('send_welcome')
  })

  it('a CommonJS host takes it by require()', { timeout }, async () => {
    project = await createProject(machine, 'commonjs')
    await project.copy('commonjs')
    await project.install(packed, [asTested('express')])
    const origin = await project.host('main.js')
    expect(await firstTask(origin)).toMatchObject({ funcName: 'send_invoice' })
    report('CommonJS')
  })

  it('a page built by Vite shows it', { timeout }, async () => {
    project = await createProject(machine, 'module')
    await project.copy('vite-app')
    await project.copy('page-host.js', 'host.js')
    await project.install(packed, [asTested('vite'), asTested('typescript')])
    await project.run('npx', 'tsc')
    await project.run('npx', 'vite', 'build')
    const page = await showsFirstTask(await project.host('host.js', 'dist'))
    report('Vite')
    await clickOn(page.page, rowSelector(page.taskId))
    await expect.poll(() => page.page.$eval('p', (line) => line.textContent)).toBe(page.taskId)
    await page.leave()
  })

  it('a plain page shows it with the file of a CDN', { timeout }, async () => {
    project = await createProject(machine, 'module')
    await project.copy('page-host.js', 'host.js')
    await project.install(packed)
    cdn = await startCdn(join(project.folder, 'node_modules'))
    const script = `${cdn.origin}/@taskloom/dashboard@0.1.0/dist/cdn/task-dashboard.js`
    const sample = readmeSample(project, 'dashboard', 'html')
    await mkdir(join(project.folder, 'public'))
    await project.write('public/index.html', sample.replace(/(?<=src=")[^"]+task-dashboard\.js/, script))
    const page = await showsFirstTask(await project.host('host.js', 'public'))
    report('Plain page')
    // What the file loads later comes from beside it.
    await clickOn(page.page, rowSelector(page.taskId))
    const ours = cdn
    await expect.poll(() => ours.served.some((path) => path.includes('/dist/cdn/parts/'))).toBe(true)
    await page.leave()
  })
})

it('without what is optional, Node 22 keeps tasks in a file all the same', { timeout: 180_000 }, async () => {
  project = await createProject(await node22(), 'module')
  await project.install(packed, ['--omit=optional'])
  expect(existsSync(join(project.folder, 'node_modules/better-sqlite3'))).toBe(false)
  await project.write('main.js', readmeSample(project, 'engine', 'js'))
  expect(await firstTask(await project.host('main.js'))).toMatchObject({ funcName: 'send_welcome' })
  expect(existsSync(join(project.folder, 'tasks.db'))).toBe(true)
})

it('a stranger holds a store of its own to the published suite', { timeout: 180_000 }, async () => {
  project = await createProject(await machineWithPrebuilt(folder), 'module')
  await project.install(everything, [asTested('vitest')])
  await project.write('store.test.js', readmeSample(project, 'testkit', 'js'))
  expect(await project.run('npx', 'vitest', 'run')).toMatch(/Tests +\d{2,} passed/)
})

async function showsFirstTask(origin: string) {
  const { taskId } = await firstTask(origin)
  const page = await browser.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  await page.goto(`${origin}/`)
  await appears(page, rowSelector(taskId))
  return {
    page,
    taskId,
    async leave(): Promise<void> {
      await page.close()
      expect(faults).toEqual([])
    },
  }
}
