/** One event of a `text/event-stream`, as it was written. */
export interface StreamMessage {
  readonly event: string | undefined
  readonly id: string | undefined
  readonly data: string
}

interface ParserOptions {
  readonly onEvent: (message: StreamMessage) => void
  /** An event longer than this many characters throws, for it can only be a fault. */
  readonly maxBufferSize: number
}

/**
 * Stands for eventsource-parser in the file for a `<script>` tag, where each byte counts: reads a `text/event-stream` as it
 * arrives, cut anywhere. Retry times and comments say nothing to the client. A test holds both to the same events.
 */
export function createParser({ onEvent, maxBufferSize }: ParserOptions) {
  let rest = ''
  let fields: { data?: string; event?: string; id?: string } = {}

  function feed(text: string): void {
    // A carriage return at the very end may be the first half of a line end.
    const lines = (rest + text).split(/\r\n|\r(?!$)|\n/)
    rest = lines.pop() ?? ''
    lines.forEach(readLine)
    if (rest.length + (fields.data?.length ?? 0) > maxBufferSize) throw new RangeError('An event is too long')
  }

  function readLine(line: string): void {
    if (line === '') return endMessage()
    const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/s.exec(line) ?? []
    if (name === 'data') fields.data = fields.data === undefined ? value : `${fields.data}\n${value}`
    if (name === 'event') fields.event = value
    if (name === 'id' && !value.includes('\0')) fields.id = value
  }

  function endMessage(): void {
    const { data, event, id } = fields
    fields = {}
    if (data !== undefined) onEvent({ event: event || undefined, id, data })
  }

  return { feed }
}
