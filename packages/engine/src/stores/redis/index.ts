import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { TaskError } from '../../core/errors.ts'
import { cannotOpen } from '../opening.ts'
import type { Store, TaskViews, TransferStore, UpkeepStore } from '../store.ts'
import { redisAudit } from './audit.ts'
import { openClient, type RedisClient, type RedisSource } from './client.ts'
import { CommitQueue } from './commit-queue.ts'
import { Connection, isAway, refusal } from './connection.ts'
import { ForeignChanges } from './foreign-changes.ts'
import { TaskCache } from './known-tasks.ts'
import { Lane } from './lane.ts'
import { redisLocks } from './locks.ts'
import { RedisOperations } from './operations.ts'
import { RedisOutbox } from './outbox.ts'
import { recount } from './recount.ts'
import { redisErrorMarks, redisQueueControls, redisSchedules, redisSecrets, redisWorkers } from './registers.ts'
import { migrate } from './schema.ts'
import { checkServer } from './server-check.ts'
import { RedisSessions } from './sessions.ts'
import { findStrays } from './strays.ts'
import { RedisTasks } from './tasks.ts'
import { redisTransfer } from './transfer.ts'
import { redisViews } from './views/index.ts'

export type { IoredisLike, IoredisOptions, NodeRedisLike, RedisSource } from './client.ts'

/** How Redis is used. */
export interface RedisStoreOptions {
  /** What all keys begin with, in braces, so that they lie in one slot of a cluster; `taskloom` by default. */
  readonly keyPrefix?: string
  /** How long a connection may take to be made, milliseconds; 10,000 by default. */
  readonly connectTimeoutMs?: number
  /** How long the answer to one command may take, milliseconds; 5,000 by default. */
  readonly commandTimeoutMs?: number
  /**
   * How long is waited for a connection that was lost before what was asked for is refused with `store_failed`,
   * milliseconds; 15,000 by default. A write that was refused so may be stored all the same, when Redis did it and was lost
   * before it could say so.
   */
  readonly patienceMs?: number
  /**
   * The store refuses a Redis that may throw keys away when its memory is full. `checked` says that you have seen to
   * `maxmemory-policy noeviction` yourself, for servers that do not say how they are configured.
   */
  readonly eviction?: 'checked'
}

const openPauseMs = 100

type Settings = Required<Omit<RedisStoreOptions, 'eviction'>> & Pick<RedisStoreOptions, 'eviction'>

/**
 * Keeps everything in Redis 6.2 or newer, which any number of processes may share. `source` is a connection string such as
 * `redis://localhost:6379/0` or options of ioredis, and then that package is needed; or a client of the host's, of ioredis
 * or node-redis, which is never closed here.
 */
export function redis(source: RedisSource, options: RedisStoreOptions = {}): Store {
  const { keyPrefix = 'taskloom' } = options
  if (keyPrefix === '' || /[{}\s]/.test(keyPrefix)) {
    throw new TaskError('bad_option', { message: 'keyPrefix must be a word without blanks and braces' })
  }
  const { connectTimeoutMs = 10_000, commandTimeoutMs = 5_000, patienceMs = 15_000, eviction } = options
  const settings = { keyPrefix, connectTimeoutMs, commandTimeoutMs, patienceMs }
  return new RedisStore(source, eviction === undefined ? settings : { ...settings, eviction })
}

interface Opened extends Omit<
  Store,
  'name' | 'supports' | 'open' | 'close' | 'transfer' | 'foreignVersion' | 'version'
> {
  readonly transfer: TransferStore
  readonly connection: Connection
  readonly queue: CommitQueue
  readonly registers: Lane
  readonly foreign: ForeignChanges
}

class RedisStore implements Store {
  readonly name = 'redis'
  readonly supports = { persistence: true, sharing: true, hostTransactions: false, transfer: true }
  readonly #instanceId = randomUUID()
  #opened: Opened | null = null
  #ownCommits = 0
  #closing: Promise<void> | null = null

  constructor(
    private readonly source: RedisSource,
    private readonly settings: Settings,
  ) {}

  /** A Redis that is just being started is waited for, as every command does; one that cannot be right is not. */
  async open(): Promise<void> {
    const endMs = performance.now() + this.settings.patienceMs
    while (this.#opened === null) {
      try {
        this.#opened = await this.#connect()
      } catch (cause) {
        if (!isAway(cause) || performance.now() > endMs) throw cannotOpen('in Redis', refusal(cause).message, cause)
        await pause(openPauseMs)
      }
    }
  }

  async #connect(): Promise<Opened> {
    const client = await openClient(this.source, this.settings.connectTimeoutMs)
    try {
      return await this.#open(client)
    } catch (cause) {
      client.close()
      throw cause
    }
  }

  async #open(client: RedisClient): Promise<Opened> {
    const { keyPrefix, connectTimeoutMs, patienceMs, eviction } = this.settings
    const connection = new Connection(client, keyPrefix, this.settings)
    await connection.ready(connectTimeoutMs)
    await checkServer(connection, eviction === 'checked' ? 'by the host' : 'by us')
    await migrate(connection, patienceMs)
    const foreign = new ForeignChanges(this.#instanceId)
    await foreign.open(client, connection.keys.changes())
    const laneOptions = {
      ...{ connection, patienceMs, instanceId: this.#instanceId },
      onCommitted: () => void (this.#ownCommits += 1),
    }
    const registers = new Lane({ ...laneOptions, name: 'registers' })
    const cache = new TaskCache()
    const lanes = {
      main: new Lane({ ...laneOptions, name: 'tasks' }),
      beside: new Lane({ ...laneOptions, name: 'tasks beside' }),
    }
    const queue = new CommitQueue(lanes, cache)
    return {
      ...{ connection, queue, registers, foreign },
      tasks: new RedisTasks(queue, cache),
      schedules: redisSchedules(registers),
      workers: redisWorkers(registers),
      locks: redisLocks(connection),
      upkeep: redisUpkeep(queue),
      outbox: new RedisOutbox(registers),
      sessions: new RedisSessions(registers),
      secrets: redisSecrets(registers),
      operations: new RedisOperations(registers),
      audit: redisAudit(connection, registers),
      queueControls: redisQueueControls(registers),
      errorMarks: redisErrorMarks(registers),
      transfer: redisTransfer(registers),
      views: redisViews(connection),
    }
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async #close(): Promise<void> {
    if (!this.#opened) return
    const { queue, registers, foreign, connection } = this.#opened
    await queue.close()
    await registers.idle()
    foreign.close()
    connection.close()
  }

  get tasks(): Store['tasks'] {
    return this.#need().tasks
  }

  get schedules(): Store['schedules'] {
    return this.#need().schedules
  }

  get workers(): Store['workers'] {
    return this.#need().workers
  }

  get locks(): Store['locks'] {
    return this.#need().locks
  }

  get upkeep(): UpkeepStore {
    return this.#need().upkeep
  }

  get outbox(): Store['outbox'] {
    return this.#need().outbox
  }

  get sessions(): Store['sessions'] {
    return this.#need().sessions
  }

  get secrets(): Store['secrets'] {
    return this.#need().secrets
  }

  get operations(): Store['operations'] {
    return this.#need().operations
  }

  get audit(): Store['audit'] {
    return this.#need().audit
  }

  get queueControls(): Store['queueControls'] {
    return this.#need().queueControls
  }

  get errorMarks(): Store['errorMarks'] {
    return this.#need().errorMarks
  }

  get transfer(): TransferStore {
    return this.#need().transfer
  }

  get views(): TaskViews {
    return this.#need().views
  }

  foreignVersion(): number {
    return this.#need().foreign.version
  }

  version(): string {
    return `${this.#ownCommits}-${this.foreignVersion()}`
  }

  #need(): Opened {
    if (!this.#opened) throw new TaskError('not_open', { message: 'The store is not open yet' })
    return this.#opened
  }
}

function redisUpkeep(queue: CommitQueue): UpkeepStore {
  return {
    strays: (question) => findStrays(queue, question),
    recount: (question) => recount(queue, question),
  }
}
