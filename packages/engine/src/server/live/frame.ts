import { encodeLiveData, formatLiveEvent, formatLiveMessage, type LiveEvent, type LiveHint } from '@taskloom/protocol'

const encoder = new TextEncoder()

/** One frame for however many readers: its data is text once, and it is bytes once for each way to send it. */
export class Frame {
  readonly #event: string
  readonly #id: string | null
  readonly #data: string
  #bytes: Uint8Array<ArrayBuffer> | null = null
  #message: Uint8Array<ArrayBuffer> | null = null

  constructor(event: string, id: string | null, data: string) {
    this.#event = event
    this.#id = id
    this.#data = data
  }

  /** As a server-sent event. */
  get bytes(): Uint8Array<ArrayBuffer> {
    return (this.#bytes ??= encoder.encode(formatLiveEvent(this.#event, this.#id, this.#data)))
  }

  /** As the text of a WebSocket message. */
  get message(): Uint8Array<ArrayBuffer> {
    return (this.#message ??= encoder.encode(formatLiveMessage(this.#event, this.#id, this.#data)))
  }
}

export function frameOf(event: LiveEvent): Frame {
  return new Frame(event.event, event.id, encodeLiveData(event))
}

export function hintFrame(hint: LiveHint, id: string): Frame {
  return new Frame(hint, id, '{"changed":true}')
}

/** What is said to a reader that says something; `text` is null for what is no text. Nobody minds a `ping`. */
export function answerTo(text: string | null): Frame {
  try {
    const { type } = JSON.parse(text ?? '') as { readonly type?: unknown }
    if (type === 'ping') return new Frame('pong', null, '{}')
    return errorFrame('Only {"type":"ping"} is understood')
  } catch {
    return errorFrame('Only JSON is understood')
  }
}

function errorFrame(detail: string): Frame {
  return new Frame('error', null, JSON.stringify({ code: 'bad_body', detail }))
}

/** What server-sent events are kept alive by; readers do not see it. */
export const pingBytes = encoder.encode(': ping\n\n')
