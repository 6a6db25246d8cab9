import { Writable } from 'node:stream'
import type { TaskServer } from './serve-tasks.ts'

const streams = ['stdout', 'stderr'] as const

/**
 * Turns what is printed here into log lines of the running task: it cannot block, flood or grow anything. The streams of
 * the system are not even opened, which would make them fail for native code that writes faster than they are read.
 */
export function captureOutput(server: TaskServer, process: object): void {
  for (const [index, name] of streams.entries()) {
    const printed = new Writable({
      write(chunk, _encoding, done) {
        server.print(chunk, name)
        done()
      },
    })
    const value = Object.assign(printed, { fd: index + 1 })
    Object.defineProperty(process, name, { configurable: true, enumerable: true, value })
  }
}
