import { createCipheriv, createDecipheriv, createHash, createSecretKey, randomBytes, type KeyObject } from 'node:crypto'
import { TaskError } from '../core/errors.ts'
import { isSealed, sealedPrefix } from '../core/sealed.ts'

/** What encrypts arguments and results. */
export interface EncryptionOptions {
  /**
   * 32 bytes each: as bytes, or as text in hex (64 digits) or base64. The first, the newest, encrypts; all decrypt. At
   * most 20.
   */
  readonly keys: readonly (Uint8Array | string)[]
}

/** Where a text belongs: it can be read as nothing else, of no other task and no other function. */
export interface SealPlace {
  readonly field: 'args' | 'result'
  readonly taskId: string
  readonly funcName: string
}

interface Key {
  readonly id: string
  readonly secret: KeyObject
}

const cipher = 'aes-256-gcm'
const keyBytes = 32
const ivBytes = 12
const tagBytes = 16
const maxKeys = 20

/**
 * Seals texts with the newest key and opens those of any key. A sealed text is `sealed:1:<key id>:<base64url>` of a random
 * IV, the AES-256-GCM cipher text and its tag; its place is authenticated with it.
 */
export class Keyring {
  readonly #keys: ReadonlyMap<string, Key>
  readonly #newest: Key | null

  /** Without keys texts stay as they are; sealed ones cannot be opened then. */
  constructor(keys: readonly Uint8Array[] = []) {
    const known = keys.map(toKey)
    this.#newest = known[0] ?? null
    this.#keys = new Map(known.map((key) => [key.id, key]))
  }

  /** Whether new texts are encrypted. */
  get seals(): boolean {
    return this.#newest !== null
  }

  seal(text: string, place: SealPlace): string {
    const key = this.#newest
    if (key === null) return text
    const iv = randomBytes(ivBytes)
    const sealing = createCipheriv(cipher, key.secret, iv, { authTagLength: tagBytes }).setAAD(aadOf(place))
    const parts = [iv, sealing.update(text, 'utf8'), sealing.final(), sealing.getAuthTag()]
    return `${sealedPrefix}${key.id}:${Buffer.concat(parts).toString('base64url')}`
  }

  /**
   * The text that was sealed; one that is not sealed is given back as it is. Throws `key_missing` when its key is not
   * here, and `unreadable` when it was altered or moved here from another task.
   */
  open(text: string, place: SealPlace): string {
    if (!isSealed(text)) return text
    const [id = '', body = ''] = text.slice(sealedPrefix.length).split(':')
    const key = this.#keys.get(id)
    if (!key) throw keyMissing(id, place)
    try {
      return decrypt(key, Buffer.from(body, 'base64url'), place)
    } catch {
      throw new TaskError('unreadable', {
        message: `The encrypted ${wordOf(place)} of this task are not what was stored for it: altered, or moved here from another task`,
        taskId: place.taskId,
      })
    }
  }
}

/** Reads the option `encryption`; throws `bad_option`, without ever repeating a key. */
export function parseEncryption(options: unknown): Keyring {
  const keys: unknown = typeof options === 'object' && options !== null ? (options as { keys?: unknown }).keys : null
  const others = Object.keys(options ?? {}).filter((name) => name !== 'keys')
  if (others.length > 0) throw bad('encryption', 'keys and nothing else')
  if (!Array.isArray(keys) || keys.length === 0 || keys.length > maxKeys) {
    throw bad('encryption.keys', `a list of 1 to ${maxKeys} keys, the newest first`)
  }
  const parsed = keys.map((key, index) => parseKey(key, `encryption.keys[${index}]`))
  if (new Set(parsed.map((key) => Buffer.from(key).toString('hex'))).size < parsed.length) {
    throw bad('encryption.keys', 'each key once')
  }
  return new Keyring(parsed)
}

function parseKey(key: unknown, option: string): Uint8Array {
  const bytes = key instanceof Uint8Array ? key : typeof key === 'string' ? fromText(key) : null
  if (bytes?.length === keyBytes) return bytes
  throw bad(option, `${keyBytes} bytes, or their hex or base64`)
}

function fromText(text: string): Uint8Array | null {
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex')
  return /^[\w+/-]{43}=?$/.test(text) ? Buffer.from(text, 'base64') : null
}

/** The id says which key it is and nothing about it. */
function toKey(bytes: Uint8Array): Key {
  const id = createHash('sha256').update('taskloom key id\0').update(bytes).digest('hex').slice(0, 12)
  return { id, secret: createSecretKey(bytes) }
}

function decrypt(key: Key, body: Buffer, place: SealPlace): string {
  const opening = createDecipheriv(cipher, key.secret, body.subarray(0, ivBytes), { authTagLength: tagBytes })
  opening.setAAD(aadOf(place)).setAuthTag(body.subarray(-tagBytes))
  const text = opening.update(body.subarray(ivBytes, -tagBytes))
  return Buffer.concat([text, opening.final()]).toString('utf8')
}

/** Neither ids nor names hold a NUL. */
function aadOf({ field, taskId, funcName }: SealPlace): Buffer {
  return Buffer.from(`taskloom:1\0${field}\0${taskId}\0${funcName}`)
}

function keyMissing(keyId: string, place: SealPlace): TaskError {
  return new TaskError('key_missing', {
    message: `The ${wordOf(place)} of this task are encrypted with key ${keyId}, which this process does not have. Add it to encryption.keys and retry`,
    taskId: place.taskId,
    keyId,
  })
}

function wordOf({ field }: SealPlace): string {
  return field === 'args' ? 'arguments' : 'contents of the result'
}

function bad(option: string, expected: string): TaskError {
  return new TaskError('bad_option', { message: `${option}: expected ${expected}`, option })
}
