import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Validator } from '@seriousme/openapi-schema-validator'
import { matchRoute, openApiDocument, routes, type Route, type RouteName } from '@taskloom/protocol'
import openapiTS, { astToString } from 'openapi-typescript'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { undescribedParameters } from '../../packages/protocol/src/openapi/parameters.ts'
import { mount } from '../server/mounted.ts'
import { ask } from '../server/request.ts'

interface Operation {
  readonly operationId: string
  readonly description: string
  readonly tags: readonly string[]
  readonly parameters: readonly { name: string; in: string; required: boolean; schema: Record<string, unknown> }[]
  readonly security?: readonly object[]
  readonly responses: Readonly<Record<string, { content?: Record<string, { schema: object }>; $ref?: string }>>
}
interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly tags: readonly { name: string }[]
  readonly components: Readonly<Record<'schemas' | 'responses' | 'securitySchemes', Record<string, object>>>
}

const document = openApiDocument('Tasks') as unknown as Document
const operations = Object.values(document.paths).flatMap((path) => Object.values(path))
const operationOf = (name: RouteName) => operations.find(({ operationId }) => operationId === name) as Operation
const table = Object.entries(routes) as readonly [RouteName, Route][]

describe('the OpenAPI document', () => {
  it('is valid, and a broken one would not be', async () => {
    const validate = (value: object) => new Validator().validate(structuredClone(value) as Record<string, unknown>)
    expect(await validate(document)).toMatchObject({ valid: true })
    expect(await validate({ ...document, paths: { nothing: {} } })).toMatchObject({ valid: false })
    const broken = { '/': { get: { parameters: [{ name: 'x', in: 'nowhere' }] } } }
    expect(await validate({ ...document, paths: broken })).toMatchObject({ valid: false })
  })

  it('has every route, and nothing else', () => {
    const written = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => {
        const segments = path.slice(1).replace('{rest}', 'page.css').split('/')
        expect(matchRoute(method.toUpperCase(), path === '/' ? [] : segments)).toMatchObject({ name: operationId })
        return operationId
      }),
    )
    expect(written.sort()).toEqual(table.map(([name]) => name).sort())
  })

  it('describes every parameter that a route reads', () => {
    for (const [name, { query, path }] of table) {
      expect(undescribedParameters(query), name).toEqual([])
      const { parameters } = operationOf(name)
      const inPath = [...path.replace('*', '{rest}').matchAll(/\{(\w+)\}/g)].map(([, key]) => key)
      expect(parameters.map((parameter) => parameter.name)).toEqual([...inPath, ...query])
      for (const parameter of parameters) expect(parameter.in === 'path').toBe(inPath.includes(parameter.name))
    }
  })

  it('has tags, uses and answers for all', () => {
    const tags = document.tags.map(({ name }) => name)
    expect([...new Set(operations.flatMap((operation) => operation.tags))].sort()).toEqual([...tags].sort())
    for (const { description, responses, operationId } of operations) {
      expect(description.length).toBeGreaterThan(20)
      const refs = Object.values(responses).flatMap(({ $ref }) => ($ref ? [$ref.split('/').at(-1) ?? ''] : []))
      for (const ref of refs) expect(document.components.responses, operationId).toHaveProperty(ref)
    }
    expect(Object.keys(operationOf('retry').responses)).toEqual(
      expect.arrayContaining(['200', '401', '403', '404', '409']),
    )
    expect(Object.keys(operationOf('stream').responses)).toContain('429')
    expect(operationOf('livez').security).toBeUndefined()
    expect(operationOf('login').security).toEqual([])
  })

  it('names what is no JSON', () => {
    const mediaOf = (name: RouteName) => Object.keys(operationOf(name).responses['200']?.content ?? {})
    expect(mediaOf('stream')).toEqual(['text/event-stream'])
    expect(mediaOf('exportCsv')).toEqual(['text/csv'])
    expect(mediaOf('dashboard')).toEqual(['text/html'])
    expect(mediaOf('prometheus')).toEqual(['text/plain'])
    expect(mediaOf('list')).toEqual(['application/json'])
    expect(Object.keys(operationOf('ws').responses)).toContain('101')
  })

  it('says null as one of the types', () => {
    const { TaskSummary } = document.components.schemas as { TaskSummary: { properties: Record<string, object> } }
    expect(TaskSummary.properties['error']).toEqual({ type: ['string', 'null'] })
    expect(TaskSummary.properties['run_at']).toEqual({ type: ['string', 'null'], format: 'date-time' })
    expect(TaskSummary.properties['progress']).toEqual({
      anyOf: [{ $ref: '#/components/schemas/Progress' }, { type: 'null' }],
    })
    expect(JSON.stringify(document)).not.toContain('nullable')
  })

  it('is what every mount of it answers by its own words', async () => {
    const { handler } = mount()
    const limit = operationOf('list').parameters.find(({ name }) => name === 'limit')?.schema
    expect(limit).toEqual({ type: 'integer', minimum: 1, maximum: 500, default: 30 })
    for (const [value, status] of [
      [1, 200],
      [500, 200],
      [0, 400],
      [501, 400],
    ] as const) {
      expect((await ask(handler, `?limit=${value}`)).status).toBe(status)
    }
    for (const { name, schema } of operationOf('list').parameters) {
      const words = (schema['enum'] ?? (schema['items'] as { enum?: string[] } | undefined)?.enum ?? []) as string[]
      for (const word of words) expect((await ask(handler, `?${name}=${word}`)).status, `${name}=${word}`).toBe(200)
      if (words.length > 0) expect((await ask(handler, `?${name}=nothing`)).status).toBe(400)
    }
  })
})

describe('a client that a public generator made of the served document', () => {
  const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'taskloom-generated-'))
    const { handler } = mount()
    const served = (await (await ask(handler, '/openapi.json')).json()) as object
    await writeFile(join(folder, 'schema.d.ts'), astToString(await openapiTS(JSON.stringify(served))))
    await symlink(join(root, 'test/protocol/generated-client.txt'), join(folder, 'client.ts'))
  }, 60_000)
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('type-checks with list, detail, retry and bulk', () => {
    expect(faultsOf(join(folder, 'client.ts'))).toEqual([])
  }, 60_000)

  it('does not with what is not there', async () => {
    const wrong = `import type { paths } from './schema'
type Page = paths['/']['get']['responses'][200]['content']['application/json']
export const name = (page: Page): string => page.tasks[0]!.nothing
export const sort: NonNullable<paths['/']['get']['parameters']['query']>['sort'] = 'nothing'
`
    await writeFile(join(folder, 'wrong.ts'), wrong)
    expect(faultsOf(join(folder, 'wrong.ts'))).toHaveLength(2)
  }, 60_000)
})

function faultsOf(path: string): string[] {
  const program = ts.createProgram([path], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts'],
    types: [],
    preserveSymlinks: true,
    strict: true,
    noUncheckedIndexedAccess: true,
    noEmit: true,
  })
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
}
