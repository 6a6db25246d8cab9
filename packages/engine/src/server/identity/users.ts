import { createHmac } from 'node:crypto'
import type { UserOptions } from './options.ts'
import { computeHash, formatHash, isPassword, isPasswordOf, parseHash, type PasswordHash } from './passwords.ts'
import { readEntries, readName, readRights, refuse, rejectOthers, type Rights } from './people.ts'
import { deriveKey } from './tokens.ts'

/** Shorter ones are refused in production (ASVS 6.2.1). */
const leastLength = 8
const saltBytes = 16

/** A user as the mount option says. */
export interface User extends Rights {
  readonly name: string
  /** A password that is still to be hashed, or a hash. */
  readonly secret: string | PasswordHash
}

export function readUsers(users: readonly UserOptions[], isProduction: boolean): readonly User[] {
  const read = readEntries(users, 'auth.users').map((given, index) =>
    readUser(given, `auth.users[${index}]`, isProduction),
  )
  for (const [index, { name }] of read.entries()) {
    if (read.findIndex((other) => other.name === name) < index) {
      refuse(`auth.users[${index}].username`, `a name that no other user has, not ${name} again`)
    }
  }
  return read
}

/** Users whose passwords are being hashed. */
export class Users {
  readonly #users = new Map<string, User>()
  readonly #hashes = new Map<string, Promise<PasswordHash>>()
  readonly #fingerprints = new Map<string, Promise<string>>()
  readonly #names: readonly string[]
  readonly #key: Buffer

  constructor(users: readonly User[], secret: Buffer) {
    this.#key = deriveKey(secret, 'passwords')
    this.#names = users.map(({ name }) => name)
    for (const user of users) {
      const hash = this.#hash(user)
      // Whoever needs it hears of a failure.
      hash.catch(() => undefined)
      this.#users.set(user.name, user)
      this.#hashes.set(user.name, hash)
    }
  }

  get(name: string): User | undefined {
    return this.#users.get(name)
  }

  /**
   * The user with this name and password; undefined when there is none. An unknown name costs what one of the known ones
   * costs, and always the same, so that nobody learns from the time it takes which names there are.
   */
  async check(name: string, password: string): Promise<User | undefined> {
    const user = this.#users.get(name)
    const hash = await this.#hashes.get(user ? name : this.#standIn(name))
    if (!hash) return undefined
    const isRight = await isPasswordOf(hash, password)
    return isRight ? user : undefined
  }

  /** Changes when the password does; tells nothing about it to whoever does not have the secret key. */
  fingerprint(name: string): Promise<string> {
    const known = this.#fingerprints.get(name)
    if (known) return known
    const made = this.#makeFingerprint(name)
    made.catch(() => this.#fingerprints.delete(name))
    this.#fingerprints.set(name, made)
    return made
  }

  async #makeFingerprint(name: string): Promise<string> {
    const hash = await this.#hashes.get(name)
    return hash ? this.#digest(formatHash(hash)).toString('base64url') : ''
  }

  /** All instances make the same salt for a plain password: it must have the same fingerprint everywhere. */
  async #hash({ name, secret }: User): Promise<PasswordHash> {
    if (typeof secret !== 'string') return secret
    return computeHash(secret, this.#digest(`salt ${name}`).subarray(0, saltBytes))
  }

  #standIn(name: string): string {
    return this.#names[this.#digest(name).readUInt32BE() % this.#names.length] ?? ''
  }

  #digest(text: string): Buffer {
    return createHmac('sha256', this.#key).update(text).digest()
  }
}

function readUser(given: Readonly<Record<string, unknown>>, place: string, isProduction: boolean): User {
  rejectOthers(given, place, ['username', 'password', 'role', 'queues', 'tags'])
  const name = readName(given['username'], `${place}.username`)
  return {
    name,
    secret: readSecret(given['password'], `${place}.password`, isProduction),
    ...readRights(given, place, 'admin'),
  }
}

function readSecret(value: unknown, place: string, isProduction: boolean): string | PasswordHash {
  if (!isPassword(value)) return refuse(place, 'a text of 1 to 1,024 bytes')
  if (value.startsWith('scrypt$')) return parseHash(value) ?? refuse(place, 'what hashPassword has made, whole')
  const isShort = [...value].length < leastLength
  return isProduction && isShort ? refuse(place, `at least ${leastLength} characters in production`) : value
}
