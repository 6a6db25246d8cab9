import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

/** A place in the net that serves the files of packages to pages of any origin, out of a `node_modules`. */
export interface Cdn {
  readonly origin: string
  /** Paths that were asked for and are there. */
  readonly served: readonly string[]
  close(): Promise<void>
}

export async function startCdn(nodeModules: string): Promise<Cdn> {
  const served: string[] = []
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost')
    const path = pathname.replace(/@\d+\.\d+\.\d+(?=\/)/, '')
    readFile(join(nodeModules, path)).then(
      (content) => {
        served.push(path)
        const type = path.endsWith('.js') ? 'text/javascript' : 'application/octet-stream'
        response.writeHead(200, { 'content-type': type, 'access-control-allow-origin': '*' }).end(content)
      },
      () => response.writeHead(404).end(),
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    served,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
