// Starts the named server, says its pid and folder, and waits to be killed.
import { startMariadb } from './mariadb.ts'
import { startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'

const starts = [startPostgres, startMariadb, startRedis].find(({ program }) => program === process.argv[2])
const server = await starts?.()
process.stdout.write(`${JSON.stringify([server?.pid, server?.folder])}\n`)
setInterval(() => undefined, 60_000)
