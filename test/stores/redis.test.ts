import { redis } from '@taskloom/engine/redis'
import { describeStore } from '@taskloom/testkit'
import { Redis } from 'ioredis'
import { afterAll } from 'vitest'
import { startRedis } from '../servers/redis.ts'
import { useServer } from '../servers/use-server.ts'

const server = useServer(startRedis)
let stores = 0
const nextPrefix = () => `store${(stores += 1)}`

describeStore('redis', () => redis(server.url, { keyPrefix: nextPrefix() }))

afterAll(async () => {
  if (server.missing !== null) return
  const client = new Redis(server.url)
  await client.flushall()
  client.disconnect()
})
