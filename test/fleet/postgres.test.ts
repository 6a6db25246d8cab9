import { startPostgres } from '../servers/postgres.ts'
import { useServer } from '../servers/use-server.ts'
import { describeFleet } from './describe-fleet.ts'

describeFleet('postgres', { stormMs: 60_000, server: useServer(startPostgres) })
