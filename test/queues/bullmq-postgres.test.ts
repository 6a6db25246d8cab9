import { bullmq } from '@taskloom/engine/bullmq'
import { postgres } from '@taskloom/engine/postgres'
import { describeQueue } from '@taskloom/testkit'
import { startPostgres } from '../servers/postgres.ts'
import { useServer } from '../servers/use-server.ts'

const server = useServer(startPostgres)
let places = 0

describeQueue('bullmq over PostgreSQL', () => {
  const number = (places += 1)
  return {
    store: () => postgres(server.url, { schema: `s${number}`, connections: 3 }),
    queue: () => bullmq({ connection: { connectionString: server.url, schema: `q${number}`, max: 3 } }),
  }
})
