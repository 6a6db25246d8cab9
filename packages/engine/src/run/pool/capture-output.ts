import type { TaskServer } from './serve-tasks.ts'

interface Printer {
  write: unknown
}

/** Turns what is printed here into log lines of the running task: it cannot block, flood or grow anything. */
export function captureOutput(
  server: TaskServer,
  printers: { readonly stdout: Printer; readonly stderr: Printer },
): void {
  for (const stream of ['stdout', 'stderr'] as const) {
    printers[stream].write = (chunk: unknown, ...rest: readonly unknown[]): boolean => {
      server.print(chunk, stream)
      const done = rest.at(-1)
      if (typeof done === 'function') queueMicrotask(done as () => void)
      return true
    }
  }
}
