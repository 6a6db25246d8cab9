import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { ourFirstRow, type FirstRowsPage } from './first-rows.ts'

/** `@bull-board` and our dashboard, each in a process of its own, over the same queue of plain BullMQ. */
export interface Boards {
  readonly theirs: FirstRowsPage
  readonly ours: FirstRowsPage
  close(): void
}

/** The jobs have been worked off; both show them from the newest. */
export async function serveBoards(jobs: number): Promise<Boards> {
  const board = start('../peers/board-host.mjs', String(jobs))
  const { port, redis } = await said(board)
  const source = start('./source-host.mjs', String(redis), 'mail')
  const own = await said(source)
  return {
    theirs: {
      name: 'board',
      url: `http://127.0.0.1:${port}/board/queue/mail?status=completed`,
      isThere: `!!document.querySelector('main')?.innerText.includes('send_mail')`,
    },
    ours: { name: 'source', url: `http://127.0.0.1:${own.port}/tasks/dashboard`, isThere: ourFirstRow },
    close() {
      source.kill('SIGTERM')
      board.kill('SIGTERM')
    },
  }
}

function start(file: string, ...args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url)), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

/** `port 4711 redis 6379` as the host says it. */
async function said({ stdout }: ChildProcess): Promise<Readonly<Record<string, number>>> {
  if (!stdout) throw new Error('A host without output says no port')
  const [line] = (await once(createInterface(stdout), 'line')) as [string]
  return Object.fromEntries([...line.matchAll(/(\w+) (\d+)/g)].map(([, name, port]) => [name, Number(port)]))
}
