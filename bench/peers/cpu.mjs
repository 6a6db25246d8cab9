import { readdirSync, readFileSync } from 'node:fs'

/** What Linux counts in. */
const ticksPerSecond = 100

/** CPU time of a process and its children, living and gone, since they began, in milliseconds. Linux only; not a number elsewhere. */
export function cpuMsOf(pid) {
  const own = timesOf(pid)
  if (own === null) return Number.NaN
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => timesOf(name))
    .filter((times) => times?.parent === pid)
  const ticks = children.reduce((sum, times) => sum + times.ticks, own.ticks + own.ofGone)
  return (ticks * 1_000) / ticksPerSecond
}

function timesOf(pid) {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name of a program, in brackets, may hold anything.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    const [user, system, goneUser, goneSystem] = fields.slice(11, 15).map(Number)
    return { parent: Number(fields[1]), ticks: user + system, ofGone: goneUser + goneSystem }
  } catch {
    return null
  }
}
