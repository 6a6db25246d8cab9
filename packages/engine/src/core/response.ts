/** What is needed of Node's response, or one like it, to know when it is over. */
export interface ResponseLike {
  /** Told when everything is handed over to the operating system, and when the connection is gone. */
  once(event: 'finish' | 'close', listener: () => void): unknown
  /** Whether it told of `finish` already; not, by default. */
  readonly writableFinished?: boolean
  /** Whether its connection is gone; not, by default. */
  readonly destroyed?: boolean
  /** The request that it answers, whose events are told as part of it; none by default. */
  readonly req?: RequestLike
}

/** What is needed of Node's request, so that its listeners are part of it. */
export interface RequestLike {
  /** Tells listeners of an event; it is replaced by one that tells them as part of the request. */
  emit(event: string | symbol, ...values: unknown[]): boolean
}

export function isResponse(value: unknown): value is ResponseLike {
  return typeof value === 'object' && value !== null && 'once' in value && typeof value.once === 'function'
}

/** Whether it is too late to hear of its end. */
export function isAnswered({ writableFinished, destroyed }: ResponseLike): boolean {
  return writableFinished === true || destroyed === true
}
