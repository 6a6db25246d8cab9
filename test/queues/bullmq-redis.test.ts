import { bullmq } from '@taskloom/engine/bullmq'
import { redis } from '@taskloom/engine/redis'
import { describeQueue } from '@taskloom/testkit'
import { startRedis } from '../servers/redis.ts'
import { useServer } from '../servers/use-server.ts'

const server = useServer(startRedis)
let places = 0

describeQueue('bullmq over Redis', () => {
  const name = `q${(places += 1)}`
  return {
    store: () => redis(server.url, { keyPrefix: name }),
    queue: () => bullmq({ connection: server.url, prefix: name }),
  }
})
