import { startRedis } from '../servers/redis.ts'
import { useServer } from '../servers/use-server.ts'
import { describeFleet } from './describe-fleet.ts'

describeFleet('redis', { stormMs: 60_000, server: useServer(startRedis) })
