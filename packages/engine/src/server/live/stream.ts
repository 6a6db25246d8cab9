import type { LiveReader } from './client.ts'
import { pingBytes } from './frame.ts'

const readers = new WeakMap<ReadableStream, LiveReader>()

/** A reader's frames as server-sent events, one for each read. Before the first read its frames may still go elsewhere. */
export function streamOf(reader: LiveReader): ReadableStream<Uint8Array> {
  let isAttached = false
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        if (isAttached) return reader.resume()
        isAttached = true
        const wantsMore = (): boolean => (controller.desiredSize ?? 0) > 0
        reader.attach({
          write({ bytes }) {
            controller.enqueue(bytes)
            return wantsMore()
          },
          beat(isIdle) {
            if (isIdle) controller.enqueue(pingBytes)
            return wantsMore()
          },
          end: () => controller.close(),
        })
      },
      cancel: () => reader.leave(),
    },
    { highWaterMark: 0 },
  )
  readers.set(stream, reader)
  return stream
}

/** The reader behind the body of a response, for adapters that can give frames on without a stream; null for others. */
export function readerOf({ body }: Response): LiveReader | null {
  return (body && readers.get(body)) ?? null
}
