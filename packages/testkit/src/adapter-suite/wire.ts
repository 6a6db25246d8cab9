import { get } from 'node:http'
import { connect } from 'node:net'

export interface WireAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What two answers must have in common to be the same answer, whoever carried them. */
const comparedHeaders = [
  'allow',
  'cache-control',
  'content-disposition',
  'content-security-policy',
  'content-type',
  'cross-origin-resource-policy',
  'etag',
  'location',
  'referrer-policy',
  'retry-after',
  'x-content-type-options',
  'x-powered-by',
]

export async function readAnswer(response: Response): Promise<WireAnswer> {
  const entries = comparedHeaders.flatMap((name) => {
    const value = response.headers.get(name)
    return value === null ? [] : [[name, value]]
  })
  return {
    status: response.status,
    headers: Object.fromEntries(entries) as Record<string, string>,
    body: await response.text(),
  }
}

/** Sends text as it is, which no HTTP client would do, and reads what comes until the connection closes. */
export function sendRaw(origin: string, text: string): Promise<string> {
  const { hostname, port } = new URL(origin)
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname)
    let answer = ''
    socket.setEncoding('latin1').setTimeout(10_000, () => socket.destroy(new Error(`no answer to ${text}`)))
    socket.on('data', (chunk: string) => (answer += chunk))
    socket.once('close', () => resolve(answer))
    socket.once('error', reject)
    socket.write(text, 'latin1')
  })
}

/** A GET whose target is written exactly so. */
export function getRaw(
  origin: string,
  target: string,
  headers: readonly string[] = ['host: shop.test'],
): Promise<string> {
  return sendRaw(origin, ['GET ' + target + ' HTTP/1.1', ...headers, 'connection: close', '', ''].join('\r\n'))
}

/** Reads a live stream until its text holds something; leaves it open. */
export class LiveText {
  text = ''
  isDone = false
  readonly response: Response
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined

  constructor(response: Response) {
    this.response = response
    this.#reader = response.body?.getReader()
  }

  async until(part: string): Promise<string> {
    const decoder = new TextDecoder()
    while (!this.text.includes(part) && !this.isDone) {
      const next = await this.#reader?.read()
      if (!next || next.done) this.isDone = true
      else this.text += decoder.decode(next.value, { stream: true })
    }
    return this.text
  }
}

/** Opens a stream and goes away at its first bytes; resolves with the status. */
export function openAndLeave(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false }, (response) => {
      response.once('error', () => undefined)
      response.once('data', () => {
        resolve(response.statusCode ?? 0)
        request.destroy()
      })
    })
    request.once('error', reject)
  })
}
