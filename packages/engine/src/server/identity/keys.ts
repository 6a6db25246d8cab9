import { createHmac, randomBytes } from 'node:crypto'
import type { ApiKeyOptions } from './options.ts'
import { readEntries, readName, readRights, refuse, rejectOthers, type Rights } from './people.ts'

const leastLength = 16
const maxLength = 500

/** A key as the mount option says. */
export interface ApiKey extends Rights {
  readonly name: string
  readonly key: string
}

export function readKeys(keys: readonly ApiKeyOptions[]): readonly ApiKey[] {
  return readEntries(keys, 'auth.apiKeys').map((given, index) => {
    const place = `auth.apiKeys[${index}]`
    rejectOthers(given, place, ['name', 'key', 'role', 'queues', 'tags'])
    const name = readName(given['name'], `${place}.name`)
    return { name, key: readKey(given['key'], `${place}.key`), ...readRights(given, place, null) }
  })
}

/** The keys of the option `apiKey`, which may everything. */
export function readTopKeys(given: unknown): readonly ApiKey[] {
  if (given === undefined) return []
  const keys: readonly unknown[] = Array.isArray(given) ? given : [given]
  if (keys.length === 0) refuse('apiKey', 'a key, or one key or more')
  return keys.map((key, index) => ({
    name: keys.length === 1 ? 'api-key' : `api-key-${index + 1}`,
    key: readKey(key, 'apiKey'),
    role: 'admin',
    queues: null,
    tags: null,
  }))
}

/** Finds a key by a digest that nobody can foresee: how long it takes says nothing about the keys. */
export class ApiKeys {
  readonly #salt = randomBytes(32)
  readonly #keys = new Map<string, ApiKey>()

  constructor(keys: readonly ApiKey[]) {
    for (const key of keys) this.#keys.set(this.#digest(key.key), key)
  }

  find(key: string): ApiKey | undefined {
    return this.#keys.get(this.#digest(key))
  }

  #digest(key: string): string {
    return createHmac('sha256', this.#salt).update(key).digest('base64url')
  }
}

function readKey(value: unknown, place: string): string {
  // What a header can carry unchanged.
  const isKey = typeof value === 'string' && value.length <= maxLength && /^[\x21-\x7e]+$/.test(value)
  if (isKey && value.length >= leastLength) return value
  return refuse(place, `a text of ${leastLength} to ${maxLength} letters, digits and signs, without spaces`)
}
