/** What is needed of Node's response, or one like it, to know when it is over. */
export interface ResponseLike {
  /** Told when everything is handed over to the operating system, and when the connection is gone. */
  once(event: 'finish' | 'close', listener: () => void): unknown
  readonly writableFinished?: boolean
  readonly destroyed?: boolean
  /** The request that it answers; its events are told as part of it. */
  readonly req?: RequestLike
}

export interface RequestLike {
  emit(event: string | symbol, ...values: unknown[]): boolean
}

export function isResponse(value: unknown): value is ResponseLike {
  return typeof value === 'object' && value !== null && 'once' in value && typeof value.once === 'function'
}

/** Whether it is too late to hear of its end. */
export function isAnswered({ writableFinished, destroyed }: ResponseLike): boolean {
  return writableFinished === true || destroyed === true
}
