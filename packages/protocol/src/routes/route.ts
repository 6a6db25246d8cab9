import { object, optional, string, type Codec } from '../codec.ts'
import type { ActionName } from '../views.ts'

/** The HTTP methods that routes have. */
export type Method = 'GET' | 'POST' | 'DELETE'

/**
 * Who may ask at all: `open` for everybody, signed in or not; `page` for callers, and browsers are led to the login;
 * `view` for callers; `whole` for callers who may see every task, because the answer speaks of all of them.
 */
export type Access = 'open' | 'page' | 'view' | 'whole'

/** One thing that a server answers. */
export interface Route {
  /** HEAD is answered wherever GET is. */
  readonly method: Method
  /** Segments below the mount path; `{name}` stands for one segment, a trailing `*` for the rest. */
  readonly path: string
  /** Names of the query parameters it reads; any other is refused. */
  readonly query: readonly string[]
  /** The shape of its body; null when it has none. */
  readonly body: Codec<unknown> | null
  /** The shape of a 200 answer; null when it is not JSON. */
  readonly answer: Codec<unknown> | null
  /** What the caller must be allowed to do; null for plain reads. */
  readonly action: ActionName | null
  /** Who may ask at all; `view` by default. */
  readonly access?: Access
}

export const filterParams = [
  'status',
  'func_name',
  'queue',
  'source',
  'tag',
  'worker_id',
  'since',
  'until',
  'window',
  'q',
] as const

export const reason = object({ reason: optional(string) })

export function get<const P extends string, A>(path: P, answer: Codec<A> | null, query: readonly string[] = []) {
  return { method: 'GET', path, query, body: null, answer, action: null } as const
}

export function command<const P extends string, A>(
  method: 'POST' | 'DELETE',
  path: P,
  action: ActionName,
  answer: Codec<A>,
  more: { readonly query?: readonly string[]; readonly body?: Codec<unknown> } = {},
) {
  return { method, path, query: more.query ?? [], body: more.body ?? reason, answer, action } as const
}

/** The path of a route below the mount, its parameters filled in and escaped. */
export function fillPath(path: string, params: Readonly<Record<string, string>> = {}): string {
  return path.replace(/\{(\w+)\}/g, (_, key: string) => encodeURIComponent(params[key] ?? ''))
}
