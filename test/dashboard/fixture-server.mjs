// For development: `npx tsx test/dashboard/fixture-server.mjs [port]` serves the built element over the fixtures.
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { Readable } from 'node:stream'
import { createFixture } from './fixture.ts'

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'"
const built = new URL('../../packages/dashboard/dist/cdn/', import.meta.url)

/** Query of the page: `theme`, `tasks=0` for a first run, any other attribute of the element. */
function page(url) {
  const attributes = [...url.searchParams].map(([name, value]) => `${name}="${value.replace(/[&"<]/g, '')}"`).join(' ')
  const theme = url.searchParams.get('theme') ?? 'light'
  return `<!doctype html><html lang="en" class="${theme}"><head><meta charset="utf-8"><title>Fixture</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><link rel="stylesheet" href="/page.css">
<script type="module" src="/task-dashboard.js"></script></head>
<body><main><task-dashboard src="/tasks" ${attributes}></task-dashboard></main></body></html>`
}

const sheet = `body{margin:0;font:15px/1.5 system-ui,"DejaVu Sans",sans-serif;background:#f6f6f4}
.dark body{background:#0b0c0e}main{padding:20px 24px}@media(max-width:700px){main{padding:16px}}`

const fixtures = { full: createFixture(), empty: createFixture({ tasks: [] }) }

const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', `http://${request.headers.host}`)
  if (url.pathname === '/')
    return response.writeHead(200, { 'content-type': 'text/html', 'content-security-policy': policy }).end(page(url))
  if (url.pathname === '/page.css') return response.writeHead(200, { 'content-type': 'text/css' }).end(sheet)
  if (/^\/(task-dashboard|parts\/[\w.-]+)\.js$/.test(url.pathname)) {
    const file = await readFile(new URL(`.${url.pathname}`, built))
    return response.writeHead(200, { 'content-type': 'text/javascript' }).end(file)
  }
  const isEmpty = request.headers.referer?.includes('tasks=0')
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const hasBody = request.method !== 'GET'
  const answer = await fixtures[isEmpty ? 'empty' : 'full'].fetch(url, {
    method: request.method,
    signal: gone.signal,
    ...(hasBody ? { body: Readable.toWeb(request), duplex: 'half' } : {}),
  })
  response.writeHead(answer.status, Object.fromEntries(answer.headers))
  if (answer.body)
    Readable.fromWeb(answer.body)
      .on('error', () => response.destroy())
      .pipe(response)
  else response.end()
})

server.listen(Number(process.argv[2] ?? 0), '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${server.address().port}/\n`)
})
