import { startPostgres } from '../../servers/postgres.ts'
import { startRedis } from '../../servers/redis.ts'
import { useServer } from '../../servers/use-server.ts'
import { describeQueueFleet } from './describe-fleet.ts'

const options = { tasks: 20_000, stormMs: 40_000 }
describeQueueFleet('Redis', { ...options, database: useServer(startPostgres), redis: useServer(startRedis) })
