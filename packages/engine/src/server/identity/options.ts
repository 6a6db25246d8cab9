import { randomBytes } from 'node:crypto'
import { parseDuration, type Duration } from '../../core/duration.ts'
import type { Role } from './caller.ts'
import { readKeys, readTopKeys, type ApiKey } from './keys.ts'
import { isRecord, refuse, rejectOthers } from './people.ts'
import { readUsers, type User } from './users.ts'

/** Somebody who signs in with a password. */
export interface UserOptions {
  /** As it is typed, in either case different. */
  readonly username: string
  /** The password itself, which is hashed at the start, or what `hashPassword` made of it. */
  readonly password: string
  /** `viewer` reads, `operator` also acts on tasks, `admin` (default) may everything. */
  readonly role?: Role
  /** Only tasks of these queues are seen; all by default. */
  readonly queues?: readonly string[]
  /** Only tasks with all of these tags are seen; all by default. */
  readonly tags?: Readonly<Record<string, string>>
}

/** A program that may ask. */
export interface ApiKeyOptions {
  /** As the audit log shows it. */
  readonly name: string
  /** The key itself, at least 16 characters. */
  readonly key: string
  /** As for users; there is no default. */
  readonly role: Role
  /** As for users; all by default. */
  readonly queues?: readonly string[]
  /** As for users; all by default. */
  readonly tags?: Readonly<Record<string, string>>
}

/** Somebody whom the host has let in. */
export interface HostUser {
  /** As the audit log shows it. */
  readonly name: string
  /** As for users; there is no default. */
  readonly role: Role
  /** As for users; all by default. */
  readonly queues?: readonly string[] | null
  /** As for users; all by default. */
  readonly tags?: Readonly<Record<string, string>> | null
  /** When open streams of this caller end, epoch milliseconds; never by default. */
  readonly expiresAt?: number | null
}

/** What the host's function is told beside the request. */
export interface AuthenticateContext {
  /** The framework's own request, such as that of Express, where the adapter has one. */
  readonly native: unknown
  /** The other end of the connection, or who a trusted proxy says it is. */
  readonly remoteAddress: string | null
}

/**
 * Says who asks, by the host's own login: null or undefined for nobody. Whatever else, an error, and no answer within ten
 * seconds let nobody in.
 */
export type Authenticate = (
  request: Request,
  context: AuthenticateContext,
) => HostUser | null | undefined | Promise<HostUser | null | undefined>

/** Several ways to say who asks. */
export interface AuthOptions {
  /** Who signs in with a password. None by default. */
  readonly users?: readonly UserOptions[]
  /** The host's own login, asked when there is neither a session nor a key. None by default. */
  readonly authenticate?: Authenticate
  /** Keys with names and rights of their own. None by default. */
  readonly apiKeys?: readonly ApiKeyOptions[]
}

/** Who may ask, and how he proves it. */
export interface IdentityOptions {
  /** A list of users, a function that trusts the host's own login, or an object with both. Nobody is asked by default. */
  readonly auth?: readonly UserOptions[] | Authenticate | AuthOptions
  /** A key, or several, of at least 16 characters, that may everything. None by default. */
  readonly apiKey?: string | readonly string[]
  /**
   * At least 32 bytes that sign sessions; the same for all instances and over restarts. Required with users in production;
   * elsewhere by default one is made up at the start, and its sessions end with the process.
   */
  readonly secretKey?: string | Uint8Array
  /** When a session ends, however much it is used; default `24h`. */
  readonly tokenExpiry?: Duration
  /** When a session ends that is not used; default `8h`. */
  readonly idleExpiry?: Duration
  /**
   * Whether `X-Forwarded-For`, `-Proto`, `-Host` and `-Prefix` are believed: `true` for one proxy before this server, or
   * how many there are. Default false.
   */
  readonly trustProxy?: boolean | number
}

/** The options with nothing left open. */
export interface IdentitySettings {
  /** Whether nobody is asked who he is. */
  readonly isOpen: boolean
  readonly users: readonly User[]
  readonly keys: readonly ApiKey[]
  readonly authenticate: Authenticate | null
  readonly secret: Buffer
  readonly tokenMs: number
  readonly idleMs: number
  /** How many proxies are trusted. */
  readonly proxies: number
  /** What the operator should know, in plain sentences. */
  readonly notices: readonly string[]
}

/** Where the mount lives. */
export interface Surroundings {
  readonly isProduction: boolean
}

export const identityOptionNames = ['auth', 'apiKey', 'secretKey', 'tokenExpiry', 'idleExpiry', 'trustProxy'] as const

const leastSecretBytes = 32
const leastDistinctBytes = 10
const secretOfExamples =
  /change.?me|your.?(secret|key)|secret.?key|super.?secret|default|example|insecure|password|12345678/i
const longestSessionMs = 366 * 86_400_000
const maxProxies = 10

/** Throws `bad_option` that names the option. */
export function readIdentityOptions(options: IdentityOptions, { isProduction }: Surroundings): IdentitySettings {
  const { users = [], authenticate, apiKeys = [] } = readAuth(options.auth)
  const readyUsers = readUsers(users, isProduction)
  const keys = [...readKeys(apiKeys), ...readTopKeys(options.apiKey)]
  const hasUsers = readyUsers.length > 0
  const given = options.secretKey === undefined ? null : readSecret(options.secretKey)
  if (hasUsers && given === null && isProduction) {
    refuse('secretKey', `${leastSecretBytes} bytes or more: with users it must be given in production`)
  }
  return {
    isOpen: options.auth === undefined && keys.length === 0,
    users: readyUsers,
    keys,
    authenticate: authenticate ?? null,
    secret: given ?? randomBytes(leastSecretBytes),
    tokenMs: readExpiry(options.tokenExpiry, 'tokenExpiry', 86_400_000),
    idleMs: readExpiry(options.idleExpiry, 'idleExpiry', 8 * 3_600_000),
    proxies: readProxies(options.trustProxy ?? false),
    notices: hasUsers && given === null ? [noticeOfSecret] : [],
  }
}

const noticeOfSecret = 'Everybody must sign in again when this process ends: the mount has no secretKey.'

function readAuth(auth: unknown): AuthOptions {
  if (auth === undefined) return {}
  if (typeof auth === 'function') return { authenticate: auth as Authenticate }
  if (Array.isArray(auth))
    return auth.length > 0 ? { users: auth as UserOptions[] } : refuse('auth', 'one user or more')
  if (!isRecord(auth)) return refuse('auth', 'a list of users, a function or an object')
  rejectOthers(auth, 'auth', ['users', 'authenticate', 'apiKeys'])
  const { authenticate } = auth
  if (authenticate !== undefined && typeof authenticate !== 'function') refuse('auth.authenticate', 'a function')
  if (Object.values(auth).every((part) => part === undefined)) refuse('auth', 'users, authenticate or apiKeys')
  return auth
}

function readSecret(secret: unknown): Buffer {
  const isText = typeof secret === 'string'
  if (!isText && !(secret instanceof Uint8Array)) refuse('secretKey', 'a text or bytes')
  const bytes = isText ? Buffer.from(secret) : Buffer.from(secret)
  if (bytes.length < leastSecretBytes) refuse('secretKey', `at least ${leastSecretBytes} bytes`)
  if (new Set(bytes).size < leastDistinctBytes)
    refuse('secretKey', 'bytes by chance, not the same ones again and again')
  if (isText && secretOfExamples.test(secret)) refuse('secretKey', 'bytes by chance, not the words of an example')
  return bytes
}

function readExpiry(value: unknown, option: string, byDefault: number): number {
  const ms = parseDuration(value ?? byDefault, option)
  return ms >= 1_000 && ms <= longestSessionMs ? ms : refuse(option, 'a duration from 1s to 366d')
}

function readProxies(value: unknown): number {
  if (typeof value === 'boolean') return value ? 1 : 0
  const isCount = Number.isInteger(value) && (value as number) >= 0 && (value as number) <= maxProxies
  return isCount ? (value as number) : refuse('trustProxy', `true, false or a number of proxies up to ${maxProxies}`)
}
