import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { sqlite } from '@taskloom/engine'
import type { Store } from '@taskloom/engine/store'
import { dataFolder } from '../servers/machine.ts'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import type { DatabaseServer } from '../servers/server.ts'
import type { StoreKind } from './timetable.ts'

/** Where one run keeps its tasks, its ledger and its time. */
export interface Place {
  readonly kind: StoreKind
  /** The path or the address of the store. */
  readonly url: string
  readonly ledgerFile: string
  readonly clockFile: string
  open(): Promise<Store>
  /** The ledger's lines, as words. */
  facts(): readonly (readonly string[])[]
  remove(): Promise<void>
}

/** Gives each run a place of its own; a server that they need is shared by all. */
export class Places {
  #server: Promise<DatabaseServer> | null = null
  readonly #folders = new Set<string>()

  constructor(private readonly kind: StoreKind) {}

  async next(): Promise<Place> {
    const { kind } = this
    const folder = await dataFolder('chaos', {})
    this.#folders.add(folder)
    const ledgerFile = join(folder, 'ledger')
    writeFileSync(ledgerFile, '')
    const url = kind === 'sqlite' ? join(folder, 'tasks.db') : await this.#database(kind)
    return {
      kind,
      url,
      ledgerFile,
      clockFile: join(folder, 'clock'),
      open: () => openStore(kind, url),
      facts: () =>
        readFileSync(ledgerFile, 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line) => line.split(' ')),
      remove: async () => {
        await rm(folder, { recursive: true, force: true, maxRetries: 5 })
        this.#folders.delete(folder)
      },
    }
  }

  /** At once, for whoever ends in the middle; a server ends by itself then. */
  removeAll(): void {
    for (const folder of this.#folders) rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }

  async close(): Promise<void> {
    await (await this.#server)?.stop()
  }

  async #database(kind: 'postgres' | 'redis'): Promise<string> {
    this.#server ??= kind === 'postgres' ? startPostgres() : startRedis()
    return (await this.#server).database()
  }
}

async function openStore(kind: StoreKind, url: string): Promise<Store> {
  if (kind === 'sqlite') return sqlite(url)
  if (kind === 'postgres') return (await import('@taskloom/engine/postgres')).postgres(url)
  return (await import('@taskloom/engine/redis')).redis(url)
}
