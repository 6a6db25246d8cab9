/** One event of a `text/event-stream`, as it was written. */
export interface StreamMessage {
  readonly event: string | undefined
  readonly id: string | undefined
  readonly data: string
}

/**
 * Reads a `text/event-stream` as it arrives, cut anywhere. Retry times and comments say nothing to us; an event longer
 * than `maxLength` characters throws, for it can only be a fault.
 */
export function readEventStream(maxLength: number, onMessage: (message: StreamMessage) => void) {
  let rest = ''
  let fields: { data?: string; event?: string; id?: string } = {}

  return function feed(text: string): void {
    // A carriage return at the very end may be the first half of a line end.
    const lines = (rest + text).split(/\r\n|\r(?!$)|\n/)
    rest = lines.pop() ?? ''
    lines.forEach(readLine)
    if (rest.length + (fields.data?.length ?? 0) > maxLength) throw new RangeError('An event is too long')
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
    if (data !== undefined) onMessage({ event: event || undefined, id, data })
  }
}
