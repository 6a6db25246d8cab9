import { postgres } from '@taskloom/engine/postgres'
import { describeStore } from '@taskloom/testkit'
import { startPostgres } from '../servers/postgres.ts'
import { useServer } from '../servers/use-server.ts'

const server = useServer(startPostgres)
let stores = 0

// One database for all: each test has tables of its own.
describeStore('postgres', () => postgres(server.url, { schema: `s${(stores += 1)}`, connections: 4 }))
