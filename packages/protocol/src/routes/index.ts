import type { Codec } from '../codec.ts'
import { pageRoutes } from './page.ts'
import { fillPath, type Method, type Route } from './route.ts'
import { fullerRoutes, serverRoutes } from './server.ts'

export { pageRoutes } from './page.ts'
export { fullerRoutes, serverRoutes } from './server.ts'
export { insightRoutes } from './insights.ts'
export { fillPath, type Access, type Method, type Route } from './route.ts'

/** The route table: the router, the client, the OpenAPI document and the docs are read from it. */
export const routes = { ...serverRoutes, ...pageRoutes, ...fullerRoutes }

/** The name of a route in {@link routes}. */
export type RouteName = keyof typeof routes
/** The name of a route in {@link pageRoutes}. */
export type PageRouteName = keyof typeof pageRoutes
/** What the route with this name answers, in TypeScript. */
export type AnswerOf<N extends RouteName> = NonNullable<(typeof routes)[N]['answer']> extends Codec<infer A> ? A : never

/** The route that a path belongs to. */
export interface RouteMatch {
  /** Which route. */
  readonly name: RouteName
  /** The segments that stand for `{name}`, by name; `rest` for a trailing `*`. */
  readonly params: Readonly<Record<string, string>>
}

/** Which route a path below the mount is; the methods that exist there when the method is another. */
export function matchRoute(
  method: string,
  segments: readonly string[],
): RouteMatch | { readonly allow: readonly Method[] } {
  const allow: Method[] = []
  for (const entry of patterns) {
    const params = matchPath(entry.pattern, segments)
    if (params === null) continue
    if (entry.method === method) return { name: entry.name, params }
    allow.push(entry.method)
  }
  return { allow: [...new Set(allow)] }
}

/** The path of a route below the mount, its parameters filled in and escaped. */
export function buildPath(name: RouteName, params: Readonly<Record<string, string>> = {}): string {
  return fillPath(routes[name].path, params)
}

const patterns = (Object.entries(routes) as [RouteName, Route][]).map(([name, { method, path }]) => {
  return { name, method, pattern: path === '' ? [] : path.split('/') }
})

function matchPath(pattern: readonly string[], segments: readonly string[]): Record<string, string> | null {
  const rest = pattern.at(-1) === '*'
  if (rest ? segments.length < pattern.length : segments.length !== pattern.length) return null
  const params: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    if (part === '*') params['rest'] = segments.slice(index).join('/')
    else if (part.startsWith('{')) params[part.slice(1, -1)] = segments[index] ?? ''
    else if (part !== segments[index]) return null
  }
  return params
}
