import { TaskError } from '../../core/errors.ts'
import type { Role } from './caller.ts'

const roles: readonly Role[] = ['viewer', 'operator', 'admin']
/** Of users and keys. */
export const maxNameLength = 200
const maxListed = 1_000

/** What somebody may do and see. */
export interface Rights {
  /** `viewer` reads, `operator` also acts on tasks, `admin` may everything. */
  readonly role: Role
  /** Only tasks of these queues; null for all. */
  readonly queues: readonly string[] | null
  /** Only tasks that have all of these tags; null for all. */
  readonly tags: Readonly<Record<string, string>> | null
}

export function refuse(option: string, expected: string): never {
  throw new TaskError('bad_option', { message: `mount option ${option}: expected ${expected}`, option })
}

/** Reads `role`, `queues` and `tags`; `refuse` is called with what is wrong. A role that is not given is `defaultRole`. */
export function readRights(given: Readonly<Record<string, unknown>>, place: string, defaultRole: Role | null): Rights {
  const { queues = null, tags = null } = given
  const role = 'role' in given ? given['role'] : defaultRole
  if (!isRole(role)) refuse(`${place}.role`, `one of ${roles.join(', ')}`)
  if (queues !== null && !isNames(queues)) refuse(`${place}.queues`, 'a list of names of queues')
  if (tags !== null && !isTags(tags)) refuse(`${place}.tags`, 'an object of texts')
  return { role, queues: queues, tags: tags as Rights['tags'] }
}

/** A name in the form in which it is compared: NFC, as passwords. */
export function readName(value: unknown, place: string): string {
  if (isName(value)) return value.normalize('NFC')
  return refuse(place, `a text of at most ${maxNameLength} characters`)
}

export function isName(value: unknown): value is string {
  // Control characters and halves of letters have no place in what is shown and logged.
  return (
    typeof value === 'string' && value.trim() !== '' && value.length <= maxNameLength && !/[\p{Cc}\p{Cs}]/u.test(value)
  )
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Throws `bad_option` for a field that is not known: a misspelt `queue` must not show everything. */
export function rejectOthers(given: Readonly<Record<string, unknown>>, place: string, known: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (!known.includes(name)) refuse(`${place}.${name.slice(0, 60)}`, `only ${known.join(', ')}`)
  }
}

/** The entries of a list, each an object. */
export function readEntries(value: unknown, place: string): readonly Readonly<Record<string, unknown>>[] {
  const isList = Array.isArray(value) && value.length <= maxListed && value.every(isRecord)
  return isList ? value : refuse(place, `a list of at most ${maxListed} objects`)
}

function isRole(value: unknown): value is Role {
  return roles.includes(value as Role)
}

function isNames(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length <= maxListed && value.every((name) => typeof name === 'string')
}

function isTags(value: unknown): boolean {
  return isRecord(value) && Object.values(value).every((text) => typeof text === 'string')
}
