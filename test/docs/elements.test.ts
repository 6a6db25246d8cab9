import { execFile } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { innerParts } from '../../packages/dashboard/src/host/hand-on-parts.ts'
import { root } from './proofs.ts'

interface Named {
  readonly name: string
  readonly description?: string
}
interface Element {
  readonly tagName: string
  readonly name: string
  readonly attributes: readonly (Named & { readonly type?: { readonly text: string } })[]
  readonly members: readonly Named[]
  readonly events: readonly Named[]
  readonly slots: readonly Named[]
  readonly cssParts: readonly Named[]
  readonly cssProperties: readonly Named[]
}

const folder = realpathSync(mkdtempSync(join(tmpdir(), 'taskloom-editor-')))
const source = join(root, 'packages/dashboard/src')
const names = (entries: readonly Named[] = []) => entries.map(({ name }) => name)
let elements: readonly Element[]

beforeAll(async () => {
  await promisify(execFile)(process.execPath, [join(root, 'scripts/editor-data.mjs'), '--into', folder])
  const manifest = JSON.parse(readFileSync(join(folder, 'custom-elements.json'), 'utf8')) as {
    modules: { declarations: Element[] }[]
  }
  elements = manifest.modules.flatMap(({ declarations }) => declarations)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true }))

function find(tagName: string): Element {
  const found = elements.find((element) => element.tagName === tagName)
  if (!found) throw new Error(`There is no <${tagName}>`)
  return found
}

describe('the manifest of the elements', () => {
  it('knows each public element and explains all it has', () => {
    expect(elements.map(({ tagName }) => tagName).sort()).toEqual([
      'task-dashboard',
      'task-list',
      'task-progress',
      'task-status',
    ])
    for (const { tagName, attributes, members, events, slots, cssParts } of elements) {
      const all = [...attributes, ...members, ...events, ...slots, ...cssParts]
      expect(all.filter(({ description }) => !description).map(({ name }) => `${tagName} ${name}`)).toEqual([])
      expect(names(attributes)).toContain('src')
    }
  })

  it('has the events that the types tell of, and no other', () => {
    const own = (type: string, file: string) => membersOf(join(source, file), type)
    expect(names(find('task-dashboard').events).sort()).toEqual(own('DashboardEvents', 'events.ts').sort())
    const small = ['task-status', 'task-progress', 'task-list'].flatMap((tag) => names(find(tag).events))
    expect([...new Set(small)].sort()).toEqual(own('SiblingEvents', 'siblings/task-element.ts').sort())
  })

  it('has the slots and parts that are drawn, and no other', () => {
    const drawn: Record<string, readonly string[]> = {
      'task-status': ['task-element', 'task-status'],
      'task-progress': ['task-element', 'task-progress'],
      'task-list': ['task-list'],
    }
    for (const [tagName, files] of Object.entries(drawn)) {
      const text = files.map((file) => readFileSync(join(source, 'siblings', `${file}.ts`), 'utf8')).join('\n')
      const templates = text.replace(/\/\*\*.*?\*\//gs, '')
      const slots = [...templates.matchAll(/<slot(?: name="([a-z-]+)")?>/g)].map(([, name = '']) => name)
      const parts = [...templates.matchAll(/\bpart="([a-z-]+)"/g)].map(([, name = '']) => name)
      expect([...new Set(slots)].sort(), tagName).toEqual(names(find(tagName).slots).sort())
      expect([...new Set(parts)].sort(), tagName).toEqual(names(find(tagName).cssParts).sort())
    }
  })

  it('has the parts of the dashboard, all of which are drawn and reach the page', () => {
    const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
    const text = files.map((name) => readFileSync(join(source, name), 'utf8')).join('\n')
    const drawn = new Set([...text.matchAll(/\bpart="([a-z-]+)"/g)].map(([, name]) => name))
    const known = names(find('task-dashboard').cssParts)
    expect(known.filter((name) => !drawn.has(name))).toEqual([])
    const own = ['root', 'figures', 'screen', 'detail']
    expect(known.filter((name) => !own.includes(name)).sort()).toEqual(innerParts.split(',').sort())
  })

  it('has every custom property of the token table', () => {
    const tokens = readFileSync(join(source, 'styles/tokens.ts'), 'utf8')
    const set = new Set([...tokens.matchAll(/--task-[a-z0-9-]+/g)].map(([name]) => name))
    for (const { cssProperties } of elements) expect(names(cssProperties).sort()).toEqual([...set].sort())
  })
})

describe('the guides', () => {
  const pages = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md') && name !== 'element.md')
  const texts = [...pages.map((name) => `docs/${name}`), 'README.md'].map(
    (page) => [page, readFileSync(join(root, page), 'utf8')] as const,
  )

  it('write tags with attributes that there are', () => {
    let seen = 0
    for (const [page, text] of texts) {
      for (const [, tagName = '', rest = ''] of text.matchAll(
        /<(task-(?:dashboard|status|progress|list))\b([^<>]*)>/g,
      )) {
        const known = [...names(find(tagName).attributes), ...common, ...names(find(tagName).members)]
        const events = names(find(tagName).events)
        for (const [, attribute = ''] of rest.matchAll(
          /(?<![\w"'{(.-])([@:(\[.]?[a-zA-Z][\w:.-]*[)\]]?)(?==|\s|\/?$)/g,
        )) {
          seen += 1
          const name = attribute.replace(/^(?:on:?|[@:(\[.]|v-bind:|bind:)/, '').replace(/[)\]]$|\.\w+$/g, '')
          expect(
            [...known, ...events, attribute.startsWith('{') ? name : '', 'ref'],
            `${page}: <${tagName} ${attribute}>`,
          ).toContain(name)
        }
      }
    }
    expect(seen).toBeGreaterThan(30)
  })

  it('name custom properties, parts and events that there are', () => {
    const properties = names(find('task-dashboard').cssProperties)
    const parts = elements.flatMap(({ cssParts }) => names(cssParts))
    const events = elements.flatMap((element) => names(element.events))
    for (const [page, text] of texts) {
      for (const [name] of text.matchAll(/--task-[a-z0-9-]+/g)) expect(properties, page).toContain(name)
      for (const [, name = ''] of text.matchAll(/::part\(([a-z-]+)\)/g)) expect(parts, page).toContain(name)
      for (const [, name = ''] of text.matchAll(/addEventListener\('(task-[a-z-]+)'/g))
        expect(events, page).toContain(name)
    }
  })
})

describe('the types for JSX', () => {
  it('take what there is and refuse what there is not', { timeout: 60_000 }, () => {
    const sample = (attributes: string) => `import type {} from '@taskloom/dashboard/react'
export const page = <task-dashboard ${attributes} />`
    const good = [
      'src="/tasks" theme="dark" page-size={50} url-state',
      'pageSize={50} headers={{ authorization: "x" }} getToken={async () => "x"}',
      'ontask-select={(event) => event.detail.taskId?.length}',
      'className="wide" data-test="x" aria-label="Tasks" key="a"',
    ]
    const bad = [
      'theme="blue"',
      'page-size="many"',
      'sorce="/tasks"',
      'ontask-select={(event) => event.detail.nothing}',
    ]
    const faults = compile([...good, ...bad].map(sample))
    expect(faults.slice(0, good.length)).toEqual(good.map(() => []))
    for (const [index, attributes] of bad.entries()) expect(faults[good.length + index], attributes).not.toEqual([])
  })
})

describe('the types for Vue', () => {
  it('know properties and listeners', { timeout: 60_000 }, () => {
    const sample = (props: string) => `import type { GlobalComponents } from 'vue'
import type {} from '@taskloom/dashboard/vue'
export const props: InstanceType<GlobalComponents['task-progress']>['$props'] = ${props}`
    const faults = compile([
      sample("{ src: '/tasks', taskId: 'x', onTaskEnd: (event) => void event.detail.status.length }"),
      sample('{ onTaskEnd: (event) => void event.detail.nothing }'),
    ])
    expect(faults[0]).toEqual([])
    expect(faults[1]).not.toEqual([])
  })
})

const common = ['class', 'className', 'slot', 'id', 'ref', 'style']

/** Names of the members of an interface. */
function membersOf(file: string, name: string): string[] {
  const text = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.ES2022, true)
  const found = text.statements.filter(ts.isInterfaceDeclaration).find((node) => node.name.text === name)
  return (found?.members ?? []).map((member) =>
    member.name && ts.isStringLiteral(member.name) ? member.name.text : '',
  )
}

/** What the compiler has against each text. */
function compile(texts: readonly string[]): string[][] {
  const samples = texts.map((text, index) => [join(root, `test/docs/sample-${index}.tsx`), text] as const)
  // As if they had been built: beside the compiled elements, which they import.
  const built = ['jsx.d.ts', 'react.d.ts', 'vue.d.ts'].map(
    (name) => [join(root, 'packages/dashboard/dist', name), readFileSync(join(folder, name), 'utf8')] as const,
  )
  const paths = new Map([...samples, ...built])
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    types: [],
    jsx: ts.JsxEmit.ReactJSX,
    strict: true,
    skipLibCheck: true,
    noEmit: true,
    paths: { '@taskloom/dashboard/*': [join(root, 'packages/dashboard/dist/*.d.ts')] },
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => paths.has(path) || fileExists(path)
  host.readFile = (path) => paths.get(path) ?? readFile(path)
  host.getSourceFile = (path, target, ...rest) => {
    const text = paths.get(path)
    return text === undefined ? getSourceFile(path, target, ...rest) : ts.createSourceFile(path, text, target)
  }
  const program = ts.createProgram([...paths.keys()], options, host)
  return samples.map(([path]) =>
    ts
      .getPreEmitDiagnostics(program, program.getSourceFile(path))
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')),
  )
}
