import { dictionary, integer, json, object, optional, string, type Infer } from './codec.ts'

/** Every failure the protocol can speak of, with its HTTP status. Codes are stable; words may improve. */
export const problemCodes = {
  bad_query: [400, 'The query is not understood'],
  bad_body: [400, 'The body is not understood'],
  bad_cursor: [400, 'The cursor is not valid'],
  wrong_status: [400, 'The task is not in a status that allows this'],
  unauthenticated: [401, 'Sign in first'],
  forbidden: [403, 'You may not do this'],
  read_only: [403, 'This dashboard is read-only'],
  cross_origin: [403, 'The request does not come from this site'],
  bad_credentials: [401, 'The user name or the password is wrong'],
  not_found: [404, 'There is nothing here'],
  unknown_task: [404, 'There is no such task'],
  unknown_schedule: [404, 'There is no such schedule'],
  unknown_operation: [404, 'There is no such operation'],
  method_not_allowed: [405, 'This method is not allowed here'],
  not_registered: [409, 'The function is not registered in this process'],
  conflict: [409, 'Something else holds this'],
  payload_too_large: [413, 'The body is too large'],
  upgrade_required: [426, 'Only WebSocket is spoken here'],
  unsupported_media_type: [415, 'Only application/json is understood'],
  too_many_requests: [429, 'Too many at once'],
  internal: [500, 'Something went wrong on the server'],
  unsupported: [501, 'This store cannot do this'],
  unavailable: [503, 'It does not answer now'],
} as const satisfies Record<string, readonly [status: number, title: string]>

/** The stable code of a failure. */
export type ProblemCode = keyof typeof problemCodes

/** RFC 9457 problem details. */
export const problem = object({
  /** Always `about:blank`: the code says which it is. */
  type: string,
  /** The code in words. */
  title: string,
  /** The HTTP status of the answer. */
  status: integer,
  /** One of {@link problemCodes}; a newer server may know more. */
  code: string,
  /** What is wrong with this request, in words; absent where the title says it all. */
  detail: optional(string),
  /** The parameter at fault. */
  parameter: optional(string),
  /** Zero-based offset of the fault in `q`. */
  position: optional(integer),
  /** Facts by name; absent where there are none. */
  extra: optional(dictionary(json)),
})
/** What an answer says that is not the one asked for (RFC 9457). */
export type Problem = Infer<typeof problem>

/** A request that cannot be answered as it stands; its code has a status in {@link problemCodes}. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError'
  constructor(
    /** Why, for programs. */
    readonly code: ProblemCode,
    detail: string,
    /** The parameter at fault, and the zero-based offset of the fault in it; empty where there is none. */
    readonly at: { readonly parameter?: string; readonly position?: number } = {},
  ) {
    super(detail)
  }
}

/** The HTTP status of a code. */
export function statusOf(code: ProblemCode): number {
  return problemCodes[code][0]
}

/** The body of an answer that says no; `detail` is for people and says what is wrong with this request. */
export function describeProblem(code: ProblemCode, detail?: string, at: ProtocolError['at'] = {}): Problem {
  const [status, title] = problemCodes[code]
  return { type: 'about:blank', title, status, code, ...(detail === undefined ? {} : { detail }), ...at }
}
