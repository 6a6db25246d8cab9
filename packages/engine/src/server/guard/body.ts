import { ProtocolError } from '@taskloom/protocol'
import type { Clock } from '../../core/clock.ts'
import { parseStrictJson } from './strict-json.ts'
import { isJson } from './same-origin.ts'

export const maxBodyBytes = 1024 * 1024
export const bodyDeadlineMs = 10_000

/** The JSON of a request's body; an empty object when it has none. */
export async function readJsonBody(request: Request, clock: Clock): Promise<unknown> {
  const bytes = await readBody(request, clock)
  if (bytes.byteLength === 0) return {}
  if (!isJson(request.headers.get('content-type'))) {
    throw new ProtocolError('unsupported_media_type', 'Send the body as application/json')
  }
  return parseStrictJson(decode(bytes))
}

/** The fields of a form; with one given twice, the last. Only for routes that a page's own form is sent to. */
export async function readFormBody(request: Request, clock: Clock): Promise<Readonly<Record<string, string>>> {
  const text = decode(await readBody(request, clock))
  return Object.fromEntries(new URLSearchParams(text))
}

export function isForm(contentType: string | null): boolean {
  return /^application\/x-www-form-urlencoded\s*(;\s*charset="?utf-8"?\s*)?$/i.test(contentType ?? '')
}

async function readBody({ headers, body }: Request, clock: Clock): Promise<Uint8Array> {
  if (Number(headers.get('content-length') ?? 0) > maxBodyBytes) throw tooLarge()
  // A few packed bytes can be gigabytes.
  if ((headers.get('content-encoding') ?? 'identity').toLowerCase() !== 'identity') {
    throw new ProtocolError('unsupported_media_type', 'Send the body as it is, not compressed')
  }
  return body === null ? new Uint8Array() : readBytes(body, clock)
}

async function readBytes(body: ReadableStream<Uint8Array>, clock: Clock): Promise<Uint8Array> {
  const reader = body.getReader()
  const chunks: Uint8Array[] = []
  let size = 0
  let cancelDeadline = () => {}
  const late = new Promise<never>((_, reject) => {
    cancelDeadline = clock.after(bodyDeadlineMs, () => reject(bad('The body did not arrive in time')))
  })
  late.catch(() => undefined)
  try {
    for (;;) {
      const { done, value } = await Promise.race([reader.read(), late])
      if (done) return Buffer.concat(chunks, size)
      size += value.byteLength
      if (size > maxBodyBytes) throw tooLarge()
      chunks.push(value)
    }
  } catch (error) {
    reader.cancel().catch(() => undefined)
    throw error instanceof ProtocolError ? error : bad('The body broke off')
  } finally {
    cancelDeadline()
  }
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw bad('The body is not UTF-8')
  }
}

function tooLarge(): ProtocolError {
  return new ProtocolError('payload_too_large', `A body may have ${maxBodyBytes} bytes`)
}

function bad(detail: string): ProtocolError {
  return new ProtocolError('bad_body', detail)
}
