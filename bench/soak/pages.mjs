// Dashboards without a screen, by the real client: they follow the live stream, are closed and opened anew, and lose their
// connection. Talks with bench/soak/main.ts by messages.
import { createClient, createDashboardStore } from '@taskloom/client'

const { port, pages: count } = JSON.parse(process.argv[2])
const src = `http://127.0.0.1:${port}/tasks`
const cutEveryMs = 2_000
const openAnewEveryMs = 5_000
const views = [{}, { statuses: ['failed'] }, { funcNames: ['slow'] }, { search: 'quick' }, { queues: ['default'] }]
const tally = { cuts: 0, reopened: 0 }

class Page {
  #wire = new AbortController()
  #store

  constructor(view) {
    const client = createClient({ src, fetch: (url, init) => this.#fetch(url, init) })
    this.#store = createDashboardStore(client, { view })
    void this.#store.start()
  }

  get isLive() {
    return this.#store.state.connection.kind === 'live'
  }

  get total() {
    return this.#store.state.metrics?.total ?? null
  }

  /** As when the network is gone for a moment: the client finds out and comes back by itself. */
  cut() {
    this.#wire.abort()
    this.#wire = new AbortController()
  }

  close() {
    this.#store.stop()
    this.#wire.abort()
  }

  #fetch(url, init = {}) {
    const signals = [this.#wire.signal, ...(init.signal ? [init.signal] : [])]
    return fetch(url, { ...init, signal: AbortSignal.any(signals) })
  }
}

const pages = Array.from({ length: count }, (_, index) => new Page(views[index % views.length]))

let turn = 0
setInterval(() => {
  pages[(turn += 7) % count].cut()
  tally.cuts += 1
}, cutEveryMs)
setInterval(() => {
  const at = (turn += 3) % count
  pages[at].close()
  pages[at] = new Page(views[at % views.length])
  tally.reopened += 1
}, openAnewEveryMs)

const verbs = {
  read: () => ({ ...tally, live: pages.filter(({ isLive }) => isLive).length }),
  /** Totals of pages without a filter, which must be the server's. */
  totals: () => pages.filter((_, index) => index % views.length === 0).map(({ total }) => total),
}
process.on('message', ({ verb, number }) => process.send({ number, answer: verbs[verb]() }))
process.on('disconnect', () => process.exit(0))
process.send({ number: 0, answer: {} })
