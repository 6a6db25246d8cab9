import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { progress, taskContext, taskLog, TaskManager } from '@taskloom/engine'
import { mount, type MountOptions } from '@taskloom/engine/node'
import { buildHistory } from '../../bench/histories.ts'

/** Where something is drawn. */
export interface GallerySite {
  readonly origin: string
  close(): Promise<void>
}

/** What is drawn: a site with so much work. */
export interface GalleryHost extends GallerySite {
  readonly tasks: TaskManager
}

const dayMs = 86_400_000

/** A print works with a day's history, schedules, failures of several kinds, and work that runs while it is looked at. */
export async function openPrintWorks(file: string, count: number): Promise<GalleryHost> {
  if (count > 0) buildHistory(file, count, { end: Date.now() - 60_000, spanMs: dayMs })
  const tasks = new TaskManager({ store: file, concurrency: 24 })
  const work = defineWork(tasks)
  const host = await serve(tasks, 'Print works', 'production')
  if (count > 0) await doSomeWork(work)
  return host
}

/** A site on its first day. */
export async function openEmptySite(): Promise<GalleryHost> {
  return serve(new TaskManager(), 'New site', 'development')
}

/** A site that asks who it is. */
export async function openGuardedSite(): Promise<GalleryHost> {
  const auth = [{ username: 'mara', password: 'correct horse battery' }]
  return serve(new TaskManager(), 'Print works', 'production', { auth, secretKey: randomBytes(24).toString('hex') })
}

/** Names and texts that no layout was made for. */
export async function openLongNames(): Promise<GalleryHost> {
  const tasks = new TaskManager()
  const name = 'synchronise_all_inventory_positions_with_the_warehouse_of_the_supplier_in_chunks'
  const queue = 'inventory-synchronisation-with-suppliers-of-the-eastern-region'
  const sync = tasks.define(name, { queue, retries: 12, delay: '1h' }, () => {
    throw new Error(`InventoryMismatch: ${'position 00017 differs from what the supplier says, '.repeat(8)}`)
  })
  const host = await serve(
    tasks,
    'Abteilung für außerordentlich lange Bezeichnungen und Vorgänge',
    'pre-production-europe',
  )
  for (let index = 0; index < 30; index += 1) {
    await sync.with({ tags: { customer: 'a-customer-with-a-name-that-goes-on-for-quite-a-while' } }).enqueue()
  }
  return host
}

async function serve(
  tasks: TaskManager,
  title: string,
  environment: string,
  more: Pick<MountOptions, 'auth' | 'secretKey'> = {},
): Promise<GalleryHost> {
  const server = createServer((request, response) => {
    const query = new URL(request.url ?? '/', 'http://localhost').searchParams
    response.setHeader('content-type', 'text/html').end(pageOf(query))
  })
  const mounted = mount(server, tasks, {
    path: '/tasks',
    title,
    environment,
    displayArgs: true,
    enqueue: true,
    ...more,
  })
  addPanel(tasks)
  await tasks.start()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tasks,
    async close() {
      await mounted.close()
      await tasks.shutdown({ timeoutMs: 500 })
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

function addPanel(tasks: TaskManager): void {
  tasks.panel({
    id: 'presses',
    title: 'Presses',
    render: () => [
      {
        kind: 'stats',
        stats: [
          { label: 'Running', value: 3, tone: 'good' },
          { label: 'Sheets today', value: 18_204 },
        ],
      },
      {
        kind: 'table',
        columns: ['Press', 'Sheets', 'State'],
        rows: [
          ['Heidelberg A', 1_204, 'running'],
          ['Heidelberg B', 988, 'washing'],
        ],
      },
    ],
  })
}

/** The page around the element. */
export function pageOf(query: URLSearchParams): string {
  const attributes = [...query].map(([name, value]) => `${name}="${value.replace(/[&"<>]/g, '')}"`).join(' ')
  const isDark = query.get('theme') === 'dark'
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>Admin</title><style>body{margin:0;font:15px/1.5 system-ui,"DejaVu Sans",sans-serif;background:${isDark ? '#0b0c0e' : '#f6f6f4'}}
main{padding:20px clamp(12px,2.4vw,32px)}</style><script type="module" src="/tasks/dashboard/assets/task-dashboard.js"></script></head>
<body><main><task-dashboard src="/tasks" url-state ${attributes}></task-dashboard></main></body></html>`
}

const here = fileURLToPath(new URL('.', import.meta.url))

/** Stacks in the pictures are those of a server, not of whoever draws them. */
function showServerPaths(tasks: TaskManager): void {
  tasks.use(async (_context, next) => {
    try {
      return await next()
    } catch (error) {
      if (error instanceof Error && error.stack) error.stack = error.stack.replaceAll(here, '/srv/print-works/src/')
      throw error
    }
  })
}

function defineWork(tasks: TaskManager) {
  showServerPaths(tasks)
  const mail = tasks.define('send_mail', { queue: 'mail', retries: 3, delay: '20ms' }, (to: string) => {
    taskLog(`connecting to the mail server for ${to}`)
    if (to.endsWith('@example.invalid')) throw new Error('SmtpError: 550 mailbox unavailable')
    return { accepted: [to] }
  })
  const charge = tasks.define(
    'charge_card',
    { queue: 'billing', retries: 2, delay: '30ms', timeout: '10s' },
    (order: { id: number; cents: number }) => {
      taskLog(`charging ${order.cents} cents for order ${order.id}`)
      if (order.cents > 9_000) throw new Error('CardDeclined: insufficient funds')
      return { order: order.id, charged: true }
    },
  )
  const hook = tasks.define('call_webhook', { queue: 'webhooks', retries: 1, delay: '10ms' }, (url: string) => {
    if (url.includes('down')) throw new TypeError('fetch failed: ECONNREFUSED 192.0.2.10:443')
    return 204
  })
  const catalogue = tasks.define('import_csv', { queue: 'imports', executor: 'async' }, async (name: string) => {
    for (let line = 0; line < 40; line += 1) taskLog(`read ${name}, line ${line * 250}`)
    progress({ current: 10_250, total: 25_000, message: 'row 10,250 of 25,000' })
    // It runs for as long as it is looked at.
    const context = taskContext()
    if (context) await once(context.signal, 'abort')
  })
  tasks.schedule('heartbeat', { every: '1m' }, () => undefined)
  tasks.schedule('render_report', { cron: '0 3 * * *', timezone: 'Europe/Berlin' }, () => undefined)
  tasks.schedule('sync_inventory', { cron: '*/15 8-18 * * 1-5', timezone: 'America/New_York' }, () => undefined)
  tasks.define('make_thumbnail', { queue: 'media', concurrency: 4 }, () => undefined)
  tasks.define('update_index', { queue: 'default' }, () => undefined)
  return { mail, charge, hook, catalogue }
}

async function doSomeWork({ mail, charge, hook, catalogue }: ReturnType<typeof defineWork>): Promise<void> {
  await catalogue.with({ tags: { supplier: 'papier-union' } }).enqueue('autumn-2026.csv')
  await catalogue.enqueue('spring-returns.csv')
  for (let index = 0; index < 12; index += 1) {
    await mail
      .with({ tags: { env: 'prod' }, user: 'mara' })
      .enqueue(index % 4 === 0 ? `kiosk${index}@example.invalid` : `shop${index}@example.com`)
    await charge
      .with({ tags: { order: String(88_100 + index) } })
      .enqueue({ id: 88_100 + index, cents: 1_200 + index * 900 })
    await hook.enqueue(index % 5 === 0 ? 'https://down.example/hook' : 'https://hooks.example/orders')
  }
  await mail.with({ delay: '2h' }).enqueue('newsletter@example.com')
}
