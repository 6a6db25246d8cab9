import { describe } from 'vitest'
import { startPostgres } from '../servers/postgres.ts'
import { startRedis } from '../servers/redis.ts'
import { useServer } from '../servers/use-server.ts'
import { describeConvergence } from './describe-convergence.ts'

describe('records and jobs over Redis', () => {
  const [database, redis] = [useServer(startPostgres), useServer(startRedis)]
  describeConvergence({ database, redis })
})

describe('records and jobs over PostgreSQL', () => {
  describeConvergence({ database: useServer(startPostgres), redis: null })
})
