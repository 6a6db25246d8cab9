import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** 32 bytes, a dot and 32 bytes. */
const shape = /^([\w-]{43})\.([\w-]{43})$/

/** What a browser is given, and what is kept of it. */
export interface IssuedToken {
  readonly token: string
  readonly digest: string
}

/** A new secret of 256 bits, signed: what was not made with this key is refused without asking the store. */
export function issueToken(key: Buffer): IssuedToken {
  const id = randomBytes(32).toString('base64url')
  return { token: `${id}.${sign(key, id)}`, digest: digestOf(id) }
}

/** The digest under which the session of a token is kept; null for whatever was not signed with this key. */
export function readToken(key: Buffer, token: string): string | null {
  const [, id, signature] = shape.exec(token) ?? []
  if (id === undefined || signature === undefined) return null
  // As texts: the last letter of a base64 text has bits that its bytes do not show.
  return timingSafeEqual(Buffer.from(signature), Buffer.from(sign(key, id))) ? digestOf(id) : null
}

/** A key for one purpose, so that nothing made for one is good for another. */
export function deriveKey(secret: Buffer, purpose: string): Buffer {
  return createHmac('sha256', secret).update(`taskloom ${purpose}`).digest()
}

function sign(key: Buffer, id: string): string {
  return createHmac('sha256', key).update(id).digest('base64url')
}

function digestOf(id: string): string {
  return createHash('sha256').update(id).digest('base64url')
}
