import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto'
import express, { type Request } from 'express'
import session from 'express-session'
import { TaskManager, type HostUser } from '@taskloom/engine'
import { mount } from '@taskloom/engine/express'
import { ordersPage, signInPage } from './pages.ts'

declare module 'express-session' {
  interface SessionData {
    userName: string
  }
}

interface Person {
  readonly salt: Buffer
  readonly hash: Buffer
  /** What he is to the dashboard; without it, as for customers, he is nobody there. */
  readonly access?: Omit<HostUser, 'name'>
}

const people = new Map<string, Person>([
  ['ann', { ...hashed('ann likes tea'), access: { role: 'operator' } }],
  ['vera', { ...hashed('vera likes coffee'), access: { role: 'viewer', queues: ['warehouse'] } }],
  ['carl', hashed('carl likes water')],
])

const nobody: Person = hashed(randomBytes(16).toString('hex'))

const tasks = new TaskManager({ store: 'tasks.db' })
const bookOrder = tasks.define('book_order', { queue: 'billing' }, (order: number) => ({ invoice: 10_000 + order }))
const packOrder = tasks.define('pack_order', { queue: 'warehouse' }, (order: number) => ({ shelf: order % 40 }))
let lastOrder = 0

const app = express()
app.use(
  session({
    secret: process.env.SESSION_SECRET ?? randomBytes(32).toString('hex'),
    cookie: { sameSite: 'lax' },
    resave: false,
    saveUninitialized: false,
  }),
)
app.use(express.urlencoded())

// Behind the session, so that `native`, Express's own request, has it.
mount(app, tasks, {
  path: '/tasks',
  auth: (_request, { native }) => {
    const { userName = '' } = (native as Request).session
    const access = people.get(userName)?.access
    return access ? { name: userName, ...access } : null
  },
})

app.get('/', (request, response) => {
  const { userName } = request.session
  response.send(userName ? ordersPage(userName, Boolean(people.get(userName)?.access)) : signInPage())
})

app.post('/login', (request, response, next) => {
  const { name = '', password = '' } = (request.body ?? {}) as { name?: string; password?: string }
  // An unknown name takes as long as a known one, so that names cannot be guessed by the clock.
  if (!isPassword(password, people.get(name) ?? nobody)) {
    return void response.status(401).send(signInPage('Name or password are wrong.'))
  }
  // A new session: one that somebody else has prepared must not become his.
  request.session.regenerate((error) => {
    if (error) return next(error)
    request.session.userName = name
    response.redirect(303, '/')
  })
})

app.post('/logout', (request, response) => {
  request.session.destroy(() => response.redirect(303, '/'))
})

app.post('/orders', async (request, response) => {
  if (!request.session.userName) return void response.status(401).send(signInPage())
  lastOrder += 1
  await bookOrder.enqueue(lastOrder)
  await packOrder.enqueue(lastOrder)
  response.redirect(303, '/')
})

const port = Number(process.env.PORT ?? 3000)
const server = app.listen(port, (error) => {
  if (error) throw error
  console.log(`http://localhost:${port}`)
})

process.once('SIGTERM', () => server.close(() => void tasks.shutdown()))

function hashed(password: string, salt: Buffer = randomBytes(16)) {
  return { salt, hash: scryptSync(password, salt, 32) }
}

function isPassword(password: string, { salt, hash }: Person): boolean {
  return timingSafeEqual(hashed(password, salt).hash, hash)
}
