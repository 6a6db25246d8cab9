import type { Json } from './codec.ts'
import { problem } from './problem.ts'
import { routes, type Route } from './routes.ts'

export const protocolVersion = 1

/** The route table as an OpenAPI 3.1 document. Paths are relative to the mount. */
export function openApiDocument(title: string): Json {
  const paths: Record<string, Record<string, Json>> = {}
  for (const [name, route] of Object.entries(routes) as [string, Route][]) {
    const path = `/${route.path.replace('*', '{rest}')}`
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: describe(name, route) }
  }
  return {
    openapi: '3.1.0',
    info: { title, version: `${protocolVersion}.0.0` },
    paths,
    components: { schemas: { Problem: problem.schema } },
  }
}

function describe(name: string, route: Route): Json {
  const pathParams = [...route.path.replace('*', '{rest}').matchAll(/\{(\w+)\}/g)].map((match) => match[1] as string)
  const parameter = (where: string) => (key: string) => ({
    name: key,
    in: where,
    required: where === 'path',
    schema: { type: 'string' },
  })
  return {
    operationId: name,
    summary: route.summary,
    parameters: [...pathParams.map(parameter('path')), ...route.query.map(parameter('query'))],
    ...(route.body ? { requestBody: { content: { 'application/json': { schema: route.body.schema } } } } : {}),
    responses: {
      '200': {
        description: 'OK',
        ...(route.answer ? { content: { 'application/json': { schema: route.answer.schema } } } : {}),
      },
      default: {
        description: 'A problem',
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    },
  }
}
