import { startPostgres } from '../../servers/postgres.ts'
import { useServer } from '../../servers/use-server.ts'
import { describeQueueFleet } from './describe-fleet.ts'

describeQueueFleet('PostgreSQL', { tasks: 20_000, stormMs: 40_000, database: useServer(startPostgres), redis: null })
