import { countWords } from './words.ts'
import type { World } from './world.ts'

/** Tells how far a long command is, on a terminal only. */
export interface Progress {
  to(done: number): Promise<void>
  /** Takes the line away again. */
  end(): Promise<void>
}

const pauseMs = 100

/** One line on the error stream that is written over; none where nobody sits before it or `total` is null. */
export function startProgress({ err, now }: World, verb: string, total: number | null): Progress {
  let toldAt = Number.NEGATIVE_INFINITY
  if (!err.isTerminal || total === null || total < 2)
    return { to: () => Promise.resolve(), end: () => Promise.resolve() }
  return {
    async to(done) {
      if (now() - toldAt < pauseMs && done < total) return
      toldAt = now()
      const percent = Math.floor((done / total) * 100)
      await err.write(`\r\u001b[K${verb} ${countWords(done)} of ${countWords(total)} (${percent} %)`)
    },
    async end() {
      if (Number.isFinite(toldAt)) await err.write('\r\u001b[K')
    },
  }
}
