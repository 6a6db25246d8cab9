import { startPostgres } from '../../servers/postgres.ts'
import { startRedis } from '../../servers/redis.ts'
import { useServer } from '../../servers/use-server.ts'
import { describeQueueFleet } from './describe-fleet.ts'

const options = { tasks: 5_000, stormMs: 20_000, tasksPerJob: 10 }
describeQueueFleet('Redis whose jobs tasks share', {
  ...options,
  database: useServer(startPostgres),
  redis: useServer(startRedis),
})
