import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'

export interface Nginx {
  /** `http://127.0.0.1:port`; below `/ops/` is the target, and below `/hasty/` the same with an idle time of 3 seconds. */
  readonly origin: string
  close(): Promise<void>
}

/** The program; null where there is none. */
export function findNginx(): string | null {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']
  return folders.map((folder) => join(folder, 'nginx')).find((path) => existsSync(path)) ?? null
}

/** A real nginx on loopback that takes a prefix away, compresses and buffers, in a folder of its own. */
export async function startNginx(program: string, targetPort: number): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'taskloom-nginx-'))
  const port = await freePort()
  await writeFile(join(folder, 'nginx.conf'), config(folder, port, targetPort))
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log'), '-g', 'daemon off;']
  const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  const ended = once(child, 'exit')
  const origin = `http://127.0.0.1:${port}`
  for (;;) {
    if (child.exitCode !== null) throw new Error('nginx ended before it answered')
    if (
      await fetch(`${origin}/here`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break
    await new Promise((resolve) => setImmediate(resolve))
  }
  return {
    origin,
    async close() {
      child.kill('SIGTERM')
      await ended
      await rm(folder, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** As docs/csp-and-proxies.md shows it, with an idle time just above the stream's heartbeat of 15 seconds. */
function config(folder: string, port: number, targetPort: number): string {
  const proxied = (prefix: string, idle: string) => `
    location ${prefix}/ {
      proxy_pass http://127.0.0.1:${targetPort}/;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Prefix ${prefix};
      proxy_read_timeout ${idle};
    }`
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  return `${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes 1;
pid ${join(folder, 'nginx.pid')};
events { worker_connections 256; }
http {
  access_log off;
  ${folders.map((name) => `${name}_temp_path ${join(folder, name)};`).join('\n  ')}
  gzip on;
  gzip_proxied any;
  gzip_types application/json text/css text/csv text/javascript text/event-stream;
  server {
    listen 127.0.0.1:${port};
    location = /here { return 200; }${proxied('/ops', '16s')}${proxied('/hasty', '3s')}
  }
}
`
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}
