import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mount } from '@taskloom/engine/express'
import type { TaskManager } from '@taskloom/engine'
import express, { type ErrorRequestHandler, type Express, type RequestHandler } from 'express'
import { MulterError } from 'multer'
import { placeOrder, readOrderForm, sampleOrders } from './orders.ts'
import { cataloguePage, listPage } from './pages/catalogue.ts'
import { inboxPage } from './pages/inbox.ts'
import { messagePage } from './pages/layout.ts'
import { ordersPage } from './pages/orders.ts'
import { workPage } from './pages/work.ts'
import type { Receiver } from './receiver.ts'
import type { ShopDb } from './shop-db.ts'
import type { Work } from './tasks/index.ts'
import { acceptFiles, copySamples, createUpload } from './uploads.ts'

export interface AppParts {
  readonly dataDir: string
  readonly db: ShopDb
  readonly tasks: TaskManager
  readonly work: Work
  readonly receiver: Receiver
}

const publicFolder = fileURLToPath(new URL('../public', import.meta.url))

/** The shop's admin site: an ordinary Express application with our dashboard mounted at /tasks. */
export function createApp(parts: AppParts) {
  const app = express()
  app.disable('x-powered-by')
  app.use(strictPolicy)
  const mounted = mount(app, parts.tasks, { path: '/tasks', title: 'Printworks', displayArgs: true })
  app.use('/public', express.static(publicFolder))
  app.use('/thumbnails', express.static(join(parts.dataDir, 'thumbnails')))
  app.use('/reports', express.static(join(parts.dataDir, 'reports')))
  app.use(express.urlencoded({ extended: false, limit: '10kb' }))
  addPages(app, parts)
  addForms(app, parts)
  app.use(
    (_request, response) => void response.status(404).send(messagePage('Nothing here', 'This page does not exist.')),
  )
  app.use(showError)
  return { app, mounted }
}

function addPages(app: Express, { dataDir, db, receiver }: AppParts): void {
  app.get(['/', '/admin'], (_request, response) => response.redirect('/admin/orders'))
  app.get('/admin/orders', (_request, response) => void response.send(ordersPage(db.orders(), receiver.partners())))
  app.get('/admin/catalogue', async (_request, response) => {
    const reports = (await readdir(join(dataDir, 'reports'))).sort().reverse().slice(0, 10)
    response.send(cataloguePage(db.files('image'), db.files('list'), reports))
  })
  app.get('/admin/catalogue/:id', (request, response) => {
    const file = db.file(request.params.id)
    if (!file) return void response.status(404).send(messagePage('No such list', 'It is not in the catalogue.'))
    response.send(listPage(file, db.rows(file.id, 200)))
  })
  app.get('/admin/inbox', (_request, response) => void response.send(inboxPage(db.mails())))
  app.get('/admin/work', (_request, response) => void response.send(workPage()))
}

function addForms(app: Express, { dataDir, db, work, receiver }: AppParts): void {
  app.post('/admin/uploads', createUpload(dataDir), async (request, response) => {
    const uploaded = (request.files ?? []) as Express.Multer.File[]
    const files = uploaded.map(({ originalname, path, size }) => ({ name: originalname, path, bytes: size }))
    const refused = await acceptFiles(db, work, files)
    if (refused.length === 0) return response.redirect(303, '/admin/catalogue')
    response.status(415).send(messagePage('Not everything was taken', `Only JPEG, PNG and CSV: ${refused.join(', ')}`))
  })
  app.post('/admin/samples', async (_request, response) => {
    await acceptFiles(db, work, await copySamples(dataDir))
    response.redirect(303, '/admin/catalogue')
  })
  app.post('/admin/orders', async (request, response) => {
    const form = readOrderForm(request.body)
    if (typeof form === 'string') return void response.status(400).send(messagePage('Not yet', form))
    await placeOrder(db, work, form)
    response.redirect(303, '/admin/orders')
  })
  app.post('/admin/orders/samples', async (_request, response) => {
    for (const form of sampleOrders()) await placeOrder(db, work, form)
    response.redirect(303, '/admin/orders')
  })
  app.post('/admin/partners/:name', (request, response) => {
    const { broken } = (request.body ?? {}) as { broken?: unknown }
    receiver.setBroken(request.params.name, broken === 'yes')
    response.redirect(303, '/admin/orders')
  })
}

/** What a careful host sends: nothing inline, nothing from elsewhere. The dashboard must live under it. */
const strictPolicy: RequestHandler = (_request, response, next) => {
  response.setHeader(
    'content-security-policy',
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; form-action 'self'",
  )
  response.setHeader('x-content-type-options', 'nosniff')
  next()
}

const showError: ErrorRequestHandler = (error: unknown, _request, response, _next) => {
  if (error instanceof MulterError) return void response.status(400).send(messagePage('Too much', error.message))
  console.error(error)
  response.status(500).send(messagePage('That went wrong', 'The shop could not do it; the terminal says why.'))
}
