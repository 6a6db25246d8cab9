import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MysqlDatabase } from '../packages/engine/src/stores/mysql/connection.ts'
import { mysqlWords } from '../packages/engine/src/stores/mysql/dialect.ts'
import { PostgresDatabase } from '../packages/engine/src/stores/postgres/connection.ts'
import { postgresWords } from '../packages/engine/src/stores/postgres/dialect.ts'
import { sqlViews } from '../packages/engine/src/stores/reading/views.ts'
import type { Database } from '../packages/engine/src/stores/sql/database.ts'
import { migrate } from '../packages/engine/src/stores/sql/migrate.ts'
import { startMariadb } from '../test/servers/mariadb.ts'
import { startPostgres } from '../test/servers/postgres.ts'
import { copyHistory } from './copy-history.ts'
import { compareGrowth, formatGrowth, type GrowthLine } from './growth.ts'
import { buildHistory } from './histories.ts'

// What the dashboard asks of a history on a server, which the command starts for itself:
// `node --import tsx bench/store-growth.ts [postgres|mariadb] [small] [large] [rounds] [folder of histories] [part of a question's name]`.
const [kind = 'postgres', small = '10000', large = '1000000', rounds = '15', folder, only] = process.argv.slice(2)

const limits = { connectMs: 10_000, statementMs: 120_000 }

const kinds = {
  postgres: { start: startPostgres, open: openPostgres },
  mariadb: { start: startMariadb, open: openMysql },
}

async function openPostgres(url: string): Promise<Database> {
  const words = postgresWords(null, '')
  const database = new PostgresDatabase({
    pool: null,
    url,
    connections: 2,
    limits,
    table: words.table,
    isPooled: false,
  })
  await database.open()
  await migrate(database, words)
  return database
}

async function openMysql(url: string): Promise<Database> {
  const database = new MysqlDatabase({ pool: null, url, connections: 2, limits, prefix: '' })
  await database.open()
  await migrate(database, mysqlWords('', database.collation))
  return database
}

/** What servers do by themselves after some time. */
async function settle({ session, dialect }: Database): Promise<void> {
  if (dialect.name === 'postgres') await session.run('VACUUM ANALYZE')
  else for (const table of ['tasks', 'rollups', 'task_tags']) await session.rows(`ANALYZE TABLE @${table}`)
}

async function measure(name: keyof typeof kinds): Promise<readonly GrowthLine[]> {
  const home = folder ?? mkdtempSync(join(tmpdir(), 'taskloom-store-growth-'))
  const server = await kinds[name].start()
  const databases: Database[] = []
  try {
    for (const count of [Number(small), Number(large)]) {
      const path = join(home, `${count}.db`)
      if (!existsSync(path)) buildHistory(path, count)
      const database = await kinds[name].open(await server.database())
      databases.push(database)
      await copyHistory(path, database)
      await settle(database)
    }
    const [few, many] = databases.map(sqlViews)
    if (!few || !many) throw new Error('Two histories are needed')
    return await compareGrowth(few, many, Number(rounds), only)
  } finally {
    for (const database of databases) await database.close()
    await server.stop()
    if (folder === undefined) rmSync(home, { recursive: true, force: true })
  }
}

const lines = await measure(kind === 'mariadb' ? 'mariadb' : 'postgres')
console.log(formatGrowth(lines, { small: Number(small), large: Number(large) }))
