import { startMariadb } from '../servers/mariadb.ts'
import { useServer } from '../servers/use-server.ts'
import { describeFleet } from './describe-fleet.ts'

describeFleet('mysql', { stormMs: 60_000, server: useServer(startMariadb) })
