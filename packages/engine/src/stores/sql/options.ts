import { parseDuration, type Duration } from '../../core/duration.ts'
import { TaskError } from '../../core/errors.ts'
import type { Limits } from './limits.ts'

/** How a database on a server is used. Numbers of durations are milliseconds; texts such as `'5s'` are read, too. */
export interface ServerOptions {
  /** What the names of our tables begin with: letters, digits and `_`, up to 30. `taskloom_` by default. */
  readonly tablePrefix?: string
  /** Connections at most, 2 to 100; 10 by default. Not with a pool of your own, which has its own number. */
  readonly connections?: number
  /** How long connecting may take, or waiting for a connection that is free; 5 s by default. */
  readonly connectTimeout?: Duration
  /** How long a statement may take, waiting for locks included, at least 1 s; 10 s by default. */
  readonly statementTimeout?: Duration
  /**
   * How long a write is tried again while the database is away or other processes are in its way; then it is refused with
   * `store_failed`. 15 s by default.
   */
  readonly patience?: Duration
  /** How often is looked whether other processes have changed something, where that is polled; 250 ms by default. */
  readonly pollInterval?: Duration
}

/** The same as they are used. */
export interface ServerSettings {
  readonly prefix: string
  readonly connections: number
  readonly limits: Limits
  readonly patienceMs: number
  readonly pollMs: number
}

const defaults = { connections: 10, connectMs: 5_000, statementMs: 10_000, patienceMs: 15_000, pollMs: 250 }
const names = ['tablePrefix', 'connections', 'connectTimeout', 'statementTimeout', 'patience', 'pollInterval']

/** Reads options; throws `bad_option` for one that is not known, not what it should be, or not for a pool of the host's. */
export function readOptions(options: ServerOptions, ownNames: readonly string[], isHosts: boolean): ServerSettings {
  const unknown = Object.keys(options).find((name) => !names.includes(name) && !ownNames.includes(name))
  if (unknown !== undefined) refuse(unknown, `one of ${[...names, ...ownNames].join(', ')}`)
  const { tablePrefix = 'taskloom_', connections = defaults.connections } = options
  if (isHosts && options.connections !== undefined) refuse('connections', 'nothing: your pool says how many there are')
  if (!/^[a-z0-9_]{0,30}$/i.test(tablePrefix)) refuse('tablePrefix', 'up to 30 letters, digits and _')
  if (!Number.isInteger(connections) || connections < 2 || connections > 100) refuse('connections', '2 to 100')
  return {
    prefix: tablePrefix,
    connections,
    limits: {
      connectMs: duration(options.connectTimeout, 'connectTimeout', defaults.connectMs, 100),
      statementMs: duration(options.statementTimeout, 'statementTimeout', defaults.statementMs, 1_000),
    },
    patienceMs: duration(options.patience, 'patience', defaults.patienceMs, 0),
    pollMs: duration(options.pollInterval, 'pollInterval', defaults.pollMs, 10),
  }
}

/** A connection string of one of the schemes. What is wrong with it is said without it: it may have a password. */
export function readUrl(url: string, schemes: readonly string[]): string {
  const isOurs = schemes.some((scheme) => url.startsWith(`${scheme}://`))
  if (isOurs && URL.canParse(url)) return url
  return refuse('url', `${schemes.join(':// or ')}://user:password@host:port/database, with special characters as %..`)
}

export function refuse(option: string, expected: string): never {
  throw new TaskError('bad_option', { message: `${option}: expected ${expected}`, option })
}

function duration(input: Duration | undefined, option: string, standardMs: number, leastMs: number): number {
  const ms = input === undefined ? standardMs : parseDuration(input, option)
  // Longer ones would be more than a timer of Node can wait.
  if (ms < leastMs || ms > 86_400_000) refuse(option, `${leastMs} ms to 24 h`)
  return ms
}
