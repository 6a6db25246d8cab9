import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { ProtocolError } from '@taskloom/protocol'
import { TaskError } from '../../core/errors.ts'
import { Turns } from './turns.ts'

/** What one try costs whoever guesses: 32 MiB, and about a quarter of a second. */
const ownCost: Cost = { n: 2 ** 15, r: 8, p: 3 }
const least: Cost = { n: 2 ** 10, r: 1, p: 1 }
const maxMemoryBytes = 256 * 1024 * 1024
const maxParallel = 16
const digestBytes = 32
const saltBytes = 16
/** Longer ones are refused before anything is computed. */
export const maxPasswordBytes = 1_024
/** Of libuv's four threads, which the host's files and names need, too. */
const checks = new Turns(2, 200)
const makings = new Turns(1, Number.POSITIVE_INFINITY)

interface Cost {
  readonly n: number
  readonly r: number
  readonly p: number
}

/** A password as it is kept. */
export interface PasswordHash extends Cost {
  readonly salt: Buffer
  readonly digest: Buffer
}

/**
 * Turns a password into a text that can stand in the option `auth` in its place: `scrypt$N$r$p$salt$hash`. Any Unicode is
 * fine; it is taken in the normal form NFC. Rejects with `bad_option` for an empty one, one with a NUL, and above 1,024
 * bytes.
 */
export async function hashPassword(password: string): Promise<string> {
  if (!isPassword(password)) {
    const message = `hashPassword: expected a text of 1 to ${maxPasswordBytes} bytes`
    throw new TaskError('bad_option', { message, option: 'password' })
  }
  return formatHash(await computeHash(password, randomBytes(saltBytes)))
}

export function isPassword(value: unknown): value is string {
  return typeof value === 'string' && /^[^\0]+$/.test(value) && Buffer.byteLength(value) <= maxPasswordBytes
}

/** Hashes with a salt that is given. */
export async function computeHash(password: string, salt: Buffer, cost = ownCost): Promise<PasswordHash> {
  const digest = await makings.run(() => derive(password, salt, cost))
  return { ...cost, salt, digest: digest as Buffer }
}

/** Whether it is the password; takes as long when it is not. Rejects with `unavailable` when too many wait to be told. */
export async function isPasswordOf(hash: PasswordHash, password: string): Promise<boolean> {
  const digest = await checks.run(() => derive(password, hash.salt, hash))
  if (digest === null) throw new ProtocolError('unavailable', 'Too many sign in at once')
  // To scrypt, which fills short passwords up with zeros, one with NULs at its end would be the same as without.
  return timingSafeEqual(digest, hash.digest) && !password.includes('\0')
}

export function formatHash({ n, r, p, salt, digest }: PasswordHash): string {
  return ['scrypt', n, r, p, salt.toString('base64url'), digest.toString('base64url')].join('$')
}

/** Reads what {@link hashPassword} wrote; null when it is something else, or too cheap or too dear to be checked. */
export function parseHash(text: string): PasswordHash | null {
  const match = /^scrypt\$(\d{1,9})\$(\d{1,3})\$(\d{1,3})\$([\w-]{8,100})\$([\w-]{43})$/.exec(text)
  if (!match) return null
  const [n, r, p] = match.slice(1, 4).map(Number) as [number, number, number]
  const isPower = n >= least.n && Number.isInteger(Math.log2(n))
  if (!isPower || r < least.r || p < least.p || p > maxParallel || 128 * n * r > maxMemoryBytes) return null
  const [salt, digest] = match.slice(4).map((part) => Buffer.from(part, 'base64url')) as [Buffer, Buffer]
  return { n, r, p, salt, digest }
}

function derive(password: string, salt: Buffer, { n, r, p }: Cost): Promise<Buffer> {
  const options = { N: n, r, p, maxmem: 2 * maxMemoryBytes }
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, digestBytes, options, (error, digest) => {
      if (error) reject(error)
      else resolve(digest)
    })
  })
}
