import type { AnswerOf, RouteName } from '@taskloom/protocol'
import { ProtocolError } from '@taskloom/protocol'
import type { Caller } from '../identity/caller.ts'
import type { ServerSettings } from '../options.ts'
import type { Act, TaskSource } from '../source.ts'

/** What an action is given: everything of the request that it may know, parsed. */
export interface ActionInput {
  /** Decoded path parameters. */
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  /** As the route's body codec decoded it. */
  readonly body: unknown
  readonly now: number
  readonly act: Act
  readonly settings: ServerSettings
  readonly caller: Caller
  /** Whether the host lets the caller do what the route is for to this task. */
  readonly permits: (taskId: string) => Promise<boolean>
}

/** One route: what the source is asked, and the answer as the route table describes it. */
export type Action<A> = (source: TaskSource, input: ActionInput) => A | Promise<A>

/** Routes that answer something else than JSON of the table. */
export type SpecialRoute =
  | 'openapi'
  | 'prometheus'
  | 'stream'
  | 'ws'
  | 'exportCsv'
  | 'exportJson'
  | 'dashboard'
  | 'asset'
  | 'loginPage'
  | 'login'
  | 'logout'
  | 'session'
export type ActionTable<N extends RouteName> = { readonly [K in N]: Action<AnswerOf<K>> }

/** A path parameter that the route is known to have. */
export function param(input: ActionInput, name: 'task_id' | 'name' | 'id'): string {
  return input.params[name] ?? ''
}

/** Of a source that lacks the verb that a route needs. */
export function refuseUnsupported(): never {
  throw new ProtocolError('unsupported', 'This source cannot do that')
}
