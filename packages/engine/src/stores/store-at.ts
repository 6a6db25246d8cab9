import { TaskError } from '../core/errors.ts'
import { mysql } from './mysql/index.ts'
import { postgres } from './postgres/index.ts'
import { redis } from './redis/index.ts'
import { sqlite } from './sqlite/index.ts'
import type { Store } from './store.ts'

/** The stores on servers, by what the address begins with. */
const servers: Readonly<Record<string, (address: string) => Store>> = {
  postgres: (address) => postgres(address),
  postgresql: (address) => postgres(address),
  mysql: (address) => mysql(address),
  mariadb: (address) => mysql(address),
  redis: (address) => redis(address),
  rediss: (address) => redis(address),
}

/** The store that a text names: the path of a SQLite file, or an address. Opens nothing yet. Throws `bad_option`. */
export function storeAt(place: string): Store {
  const scheme = schemeOf(place)
  if (scheme === null) return sqlite(place)
  const server = Object.hasOwn(servers, scheme) ? servers[scheme] : undefined
  if (server) return server(place)
  throw new TaskError('bad_option', { message: `store: there is none for ${scheme}://`, option: 'store' })
}

/** Whether a text names a file, and not a server. */
export function isFilePlace(place: string): boolean {
  return schemeOf(place) === null
}

/** One letter before a colon is a drive. */
function schemeOf(place: string): string | null {
  return /^([a-z][a-z\d+.-]+):\/\//i.exec(place)?.[1]?.toLowerCase() ?? null
}
