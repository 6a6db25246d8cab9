import { afterAll, beforeAll, beforeEach } from 'vitest'
import { startsWithinMs, whyMissing, type DatabaseServer, type StartsServer } from './server.ts'

/** A server for the tests of this file or this `describe`: from their first to their last. */
export interface UsedServer extends DatabaseServer {
  /** Why there is none; null where there is one. For `describe.skipIf(server.missing)`. */
  readonly missing: string | null
}

/**
 * Starts it before the tests and ends it after them. Where the machine has none, the tests are skipped with a reason that
 * names the package; in CI they fail instead.
 */
export function useServer(starts: StartsServer): UsedServer {
  const missing = whyMissing(starts)
  let server: DatabaseServer | null = null
  const running = (): DatabaseServer => {
    if (server === null) throw new Error(missing ?? `${starts.program} runs only while the tests do`)
    return server
  }
  beforeAll(async () => {
    if (missing === null) server = await starts()
    else if (isCi()) throw new Error(missing)
  }, startsWithinMs)
  beforeEach(({ skip }) => {
    if (missing !== null) skip(missing)
  })
  afterAll(() => server?.stop(), startsWithinMs)
  return {
    missing: isCi() ? null : missing,
    get port() {
      return running().port
    },
    get pid() {
      return running().pid
    },
    get folder() {
      return running().folder
    },
    get url() {
      return running().url
    },
    database: () => running().database(),
    stop: () => running().stop(),
    kill9: () => running().kill9(),
    restart: () => running().restart(),
  }
}

function isCi(): boolean {
  return Boolean(process.env['CI']) && process.env['CI'] !== 'false'
}
