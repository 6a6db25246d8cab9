import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import express from 'express'
import { progress, TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/express'

const tasks = new TaskManager({ store: 'tasks.db' })
const countPrimes = tasks.define('count_primes', { retries: 3 }, async (below: number) => {
  let found = 0
  for (let number = 2; number < below; number += 1) {
    if (isPrime(number)) found += 1
    if (number % 10_000 > 0) continue
    progress({ current: number, total: below })
    // Lets the site answer others meanwhile.
    await setImmediate()
  }
  return found
})

const app = express()
mount(app, tasks, { path: '/tasks' })
app.use(express.static(join(import.meta.dirname, 'dist')))

app.post('/primes', async (_request, response) => {
  const { id } = await countPrimes.enqueue(1_000_000)
  response.json({ taskId: id })
})

const port = Number(process.env.PORT ?? 3000)
const server = app.listen(port, (error) => {
  if (error) throw error
  console.log(`http://localhost:${port}`)
})

process.once('SIGTERM', () => server.close(() => void tasks.shutdown()))

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor += 1) if (number % divisor === 0) return false
  return true
}
