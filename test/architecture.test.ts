import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { rules, scan, type SourceFile } from './architecture.rules.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const packages = join(root, 'packages')

describe('the walls of the house', () => {
  const files = readSources()

  it('are checked against every source file', () => {
    const names = new Set(files.map((file) => file.path.split('/')[0]))
    expect([...names].sort()).toEqual(['client', 'dashboard', 'engine', 'protocol', 'testkit'])
  })

  it.each(rules)('$name', (rule) => {
    expect(violations(rule.name, files)).toEqual([])
  })
})

/** Outside of the packages there are no walls, but the same measures. */
const annexes = ['test', 'bench', 'demo', 'scripts'] as const

describe('the annexes of the house', () => {
  const files = annexes.flatMap(readAnnex)

  it('are all read', () => {
    expect(new Set(files.map((file) => file.path.split('/')[0]))).toEqual(new Set(annexes))
    expect(files.map((file) => file.path)).toContain('test/architecture.test.ts')
  })

  it.each(rules.filter(({ holdsEverywhere }) => holdsEverywhere))('$name', (rule) => {
    expect(violations(rule.name, files)).toEqual([])
  })
})

/** For each rule a file that breaks it, and one that looks like it and does not. */
const samples: Record<string, { readonly bad: readonly [string, string]; readonly good: readonly [string, string] }> = {
  'a package imports only what the package table allows': {
    bad: ['protocol/src/task.ts', `import { z } from 'zod'`],
    good: ['client/src/stream.ts', `import { createParser } from 'eventsource-parser'`],
  },
  'no import leaves its package by a path': {
    bad: ['client/src/live.ts', `import { Feed } from '../../engine/src/observe/feed.ts'`],
    good: ['client/src/live/stream.ts', `import { reduce } from '../reduce.ts'`],
  },
  'relative imports name the .ts file': {
    bad: ['engine/src/index.ts', `export { Feed } from './observe/feed.js'`],
    good: ['engine/src/index.ts', `export { Feed } from './observe/feed.ts'`],
  },
  'core/ imports core and the protocol, croner and devalue, and node:crypto as types': {
    bad: ['engine/src/core/retry.ts', `import { randomUUID } from 'node:crypto'`],
    good: [
      'engine/src/core/retry.ts',
      `import type { UUID } from 'node:crypto'\nimport { settle } from './lifecycle.ts'`,
    ],
  },
  'core/ has no clock, no chance and no world of its own': {
    bad: ['engine/src/core/retry.ts', `export const jitter = () => Math.random() * Number(new Date())`],
    good: ['engine/src/core/retry.ts', `// Math.random() is passed in\nexport const at = (ms: number) => new Date(ms)`],
  },
  'stores/ never import run/, server/ or adapters/': {
    bad: ['engine/src/stores/sqlite/writer.ts', `import { execute } from '../../run/attempt.ts'`],
    good: ['engine/src/stores/sqlite/writer.ts', `import { transition } from '../../core/record.ts'`],
  },
  'stores/ load drivers of other databases lazily': {
    bad: ['engine/src/stores/postgres.ts', `import { Pool } from 'pg'`],
    good: ['engine/src/stores/postgres.ts', `import type { Pool } from 'pg'\nexport const open = () => import('pg')`],
  },
  'server/ knows the TaskSource port, not the manager, executors or a store': {
    bad: ['engine/src/server/live.ts', `import { MemoryStore } from '../stores/memory/index.ts'`],
    good: ['engine/src/server/live.ts', `import type { ListAnswer } from '../stores/store.ts'`],
  },
  'server/actions/ never touch Request, Response or adapters': {
    bad: ['engine/src/server/actions/retry.ts', `export const retry = (request: Request) => request.url`],
    good: ['engine/src/server/actions/retry.ts', `export const retry = (input: { Request: string }) => input.Request`],
  },
  'adapters/ import the handler, each other and node:': {
    bad: ['engine/src/adapters/express.ts', `import { matchRoute } from '@taskloom/protocol'`],
    good: [
      'engine/src/adapters/express.ts',
      `import { createHandler } from '../server/handler.ts'\nimport 'node:http'`,
    ],
  },
  'only the cli asks another server, and only its adapter speaks WebSocket': {
    bad: ['engine/src/server/live.ts', `import { WebSocketServer } from 'ws'`],
    good: ['engine/src/cli/remote.ts', `import { createClient } from '@taskloom/client'`],
  },
  'client/ knows no lit, no DOM element and no engine': {
    bad: ['client/src/csv.ts', `export const link = () => document.createElement('a')`],
    good: ['client/src/csv.ts', `export const isHidden = () => document.visibilityState === 'hidden'`],
  },
  'dashboard elements never fetch or store, and know the client only by its types': {
    bad: ['dashboard/src/elements/task-table.ts', `import { createClient } from '@taskloom/client'`],
    good: ['dashboard/src/elements/task-table.ts', `import type { DashboardState } from '@taskloom/client'`],
  },
  'nothing in packages/*/src imports testkit': {
    bad: ['engine/src/index.ts', `import { createFakeClock } from '@taskloom/testkit'`],
    good: ['testkit/src/index.ts', `import { createFakeClock } from '@taskloom/testkit'`],
  },
  'only the cli reads the environment, prints or ends the process': {
    bad: ['engine/src/server/handler.ts', `export const secret = process.env.SECRET`],
    good: ['engine/src/cli/main.ts', `console.log(process.env.SECRET)`],
  },
  'no enum, namespace, any or default export': {
    bad: ['engine/src/index.ts', `export default function mount(app: any) {}`],
    good: [
      'dashboard/src/define.ts',
      `declare global { interface HTMLElementTagNameMap { 'task-dashboard': object } }`,
    ],
  },
  'no file is longer than 400 lines': {
    bad: ['engine/src/manager.ts', 'export {}\n'.repeat(401)],
    good: ['engine/src/manager.ts', 'export {}\n'.repeat(400)],
  },
  'no file is named utils, helpers, common, misc or types': {
    bad: ['client/src/utils.ts', ''],
    good: ['client/src/view-types.ts', ''],
  },
}

describe('the checker of the walls', () => {
  it.each(rules.map(({ name }) => name))('sees a breach of: %s', (name) => {
    const sample = samples[name]
    if (!sample) throw new Error('a rule without a proof that it can fail')
    expect(violations(name, [scan(...sample.bad)])).toHaveLength(1)
    expect(violations(name, [scan(...sample.good)])).toEqual([])
  })

  it.each([
    ['engine/src/observe/otel/api.ts', `import { trace } from '@opentelemetry/api'`, 'a package imports only'],
    [
      'engine/src/observe/otel/spans.ts',
      `const name = '@opentelemetry/api'; void import(name)`,
      'a package imports only',
    ],
    ['engine/src/core/a.ts', 'const f = Date.now', 'core/ has no clock'],
    ['engine/src/core/a.ts', 'setTimeout(() => undefined, 1)', 'core/ has no clock'],
    ['engine/src/core/a.ts', `import { Feed } from '../observe/feed.ts'`, 'core/ imports core'],
    ['engine/src/server/a.ts', `import { TaskManager } from '../manager.ts'`, 'server/ knows'],
    ['engine/src/adapters/koa.ts', `import Koa from 'koa'`, 'adapters/ import'],
    ['client/src/a.ts', `import { html } from 'lit'`, 'client/ knows no lit'],
    ['dashboard/src/elements/a.ts', `void fetch('/tasks')`, 'dashboard elements never fetch'],
    ['dashboard/src/elements/a.ts', `window.x = globalThis.localStorage`, 'dashboard elements never fetch'],
    ['client/src/a.ts', `console.log(1)`, 'only the cli reads'],
    ['client/src/a.ts', `enum Colour { Red }`, 'no enum'],
    ['client/src/a.ts', `namespace Inner { export const a = 1 }`, 'no enum'],
    ['client/src/a.ts', `const f = (value: any[]) => value`, 'no enum'],
  ])('sees it too in %s: %s', (path, text, start) => {
    const rule = rules.find(({ name }) => name.startsWith(start))
    expect(violations(rule?.name ?? '', [scan(path, text)])).toHaveLength(1)
  })
})

function violations(ruleName: string, files: readonly SourceFile[]): string[] {
  const rule = rules.find(({ name }) => name === ruleName)
  if (!rule) throw new Error(`no rule is named ${ruleName}`)
  return files.flatMap((file) => {
    const faults = rule.check(file)
    return faults.length > 0 ? [`${file.path}: ${faults.join(', ')}`] : []
  })
}

function readSources(): SourceFile[] {
  const roots = readdirSync(packages, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return roots.flatMap(({ name }) => readFolder(join(packages, name, 'src'), /\.(ts|mts|tsx)$/, packages))
}

function readAnnex(name: string): SourceFile[] {
  return readFolder(join(root, name), /\.(ts|mts|tsx|js|mjs)$/, root)
}

function readFolder(folder: string, wanted: RegExp, from: string): SourceFile[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && wanted.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !/[\\/](node_modules|dist)[\\/]/.test(relative(from, path)))
    .map((path) => scan(relative(from, path).split(sep).join('/'), readFileSync(path, 'utf8')))
}
