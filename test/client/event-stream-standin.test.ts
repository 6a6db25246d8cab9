import { createParser } from 'eventsource-parser'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createParser as createStandIn, type StreamMessage } from '../../packages/dashboard/src/cdn/event-stream.ts'

function readAll(chunks: readonly string[]): readonly StreamMessage[] {
  const messages: StreamMessage[] = []
  const parser = createStandIn({ maxBufferSize: 10_000, onEvent: (message) => messages.push(message) })
  for (const chunk of chunks) parser.feed(chunk)
  return messages
}

/** A parser that others wrote, as the measure of ours. */
function readAsOthersDo(chunks: readonly string[]): readonly StreamMessage[] {
  const messages: StreamMessage[] = []
  const parser = createParser({
    onEvent: ({ event, id, data }) => messages.push({ event, id, data }),
  })
  for (const chunk of chunks) parser.feed(chunk)
  return messages
}

const piece = fc.constantFrom(
  'data: one',
  'data:two',
  'data',
  'data:',
  'id: 7',
  'id:',
  'event: tasks',
  'event:',
  ': ping',
)
const odd = fc.constantFrom('retry: 10', 'unknown: x', 'id: \0', 'data:  two spaces', 'data: a:b', 'dataset: no', ':')
const stream = fc
  .tuple(fc.array(fc.oneof(piece, odd, fc.constant('')), { maxLength: 12 }), fc.constantFrom('\n', '\r\n'))
  .map(([lines, lineEnd]) => [...lines, '', ''].join(lineEnd))

describe('what stands for eventsource-parser in the file for a script tag', () => {
  it('reads what another parser reads, however the text is cut', () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(200), { maxLength: 6 }), (text, cuts) => {
        const places = [...new Set([0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length])].sort(
          (a, b) => a - b,
        )
        const chunks = places.slice(1).map((place, index) => text.slice(places[index], place))
        expect(readAll(chunks)).toEqual(readAsOthersDo([text]))
      }),
      { numRuns: 500 },
    )
  })

  it('refuses an event without end', () => {
    const one = createStandIn({ maxBufferSize: 100, onEvent: () => undefined })
    expect(() => one.feed(`data: ${'x'.repeat(200)}`)).toThrow(RangeError)
    const many = createStandIn({ maxBufferSize: 100, onEvent: () => undefined })
    expect(() => Array.from({ length: 40 }, () => many.feed('data: xxxx\n'))).toThrow(RangeError)
  })
})
