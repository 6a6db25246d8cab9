import { mysql } from '@taskloom/engine/mysql'
import { describeStore } from '@taskloom/testkit'
import { startMariadb } from '../servers/mariadb.ts'
import { useServer } from '../servers/use-server.ts'

const server = useServer(startMariadb)
let stores = 0

// One database for all: each test has tables of its own.
describeStore('mariadb', () => mysql(server.url, { tablePrefix: `s${(stores += 1)}_`, connections: 4 }))
