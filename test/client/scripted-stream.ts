import { encodeLiveEvent, formatLiveId, type LiveEvent } from '@taskloom/protocol'
import { everything } from './builders.ts'

/** One connection of a stream, written by the test. */
export class ScriptedConnection {
  readonly response: Response
  isCancelled = false
  #controller!: ReadableStreamDefaultController<Uint8Array>

  constructor(readonly lastEventId: string | null) {
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller
      },
      cancel: () => {
        this.isCancelled = true
      },
    })
    this.response = new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } })
  }

  write(text: string): void {
    this.bytes(new TextEncoder().encode(text))
  }

  bytes(bytes: Uint8Array): void {
    this.#controller.enqueue(bytes)
  }

  send(event: LiveEvent): void {
    this.write(encodeLiveEvent(event))
  }

  hello(revision: number, epoch = 'a'): void {
    const data = { epoch, revision, serverTime: 0, capabilities: everything }
    this.send({ event: 'hello', id: formatLiveId({ epoch, revision }), data })
  }

  end(): void {
    this.#controller.close()
  }

  breakOff(): void {
    this.#controller.error(new TypeError('terminated'))
  }
}

export function tasksEvent(revision: number, data: Partial<Extract<LiveEvent, { event: 'tasks' }>['data']>): LiveEvent {
  return { event: 'tasks', id: `a-${revision}`, data: { changed: [], removed: [], overflow: null, ...data } }
}
