import type { TransferRows } from '../transfer/port.ts'
import { bare } from './key-changes.ts'
import { decodeGroup, decodeMark, encodeGroup, encodeMark } from './register-fields.ts'
import { guardedMissing, readFields, registerPart, type Part } from './transfer-part.ts'
import type { Connection } from './connection.ts'

/** Where schedules are. */
export const schedulePart = registerPart<'schedules'>({
  key: (keys) => keys.schedules(),
  field: ({ name }) => name,
  encode: ({ isPaused, lastSlotAt, missed }) => JSON.stringify([isPaused ? 1 : 0, lastSlotAt, missed]),
  decode(name, text) {
    const [isPaused, lastSlotAt, missed] = JSON.parse(text) as [0 | 1, number | null, number]
    return { name, isPaused: isPaused === 1, lastSlotAt, missed }
  },
})

/** Queues that are paused. */
export const pausedPart = registerPart<'queue_controls'>({
  key: (keys) => keys.pausedQueues(),
  field: ({ queue }) => queue,
  encode: ({ since, by }) => JSON.stringify([since, by]),
  decode(queue, text) {
    const [since, by] = JSON.parse(text) as [number, string]
    return { queue, since, by }
  },
})

export const secretPart = registerPart<'secrets'>({
  key: (keys) => keys.secrets(),
  field: ({ name }) => name,
  encode: ({ secret }) => secret,
  decode: (name, secret) => ({ name, secret }),
})

export const retryPart = registerPart<'retry_counts'>({
  key: (keys) => keys.retryCounts(),
  field: ({ funcName, queue }) => JSON.stringify([funcName, queue]),
  encode: ({ retries }) => retries,
  decode(field, text) {
    const [funcName, queue] = JSON.parse(field) as [string, string]
    return { funcName, queue, retries: Number(text) }
  },
})

type Group = TransferRows['error_groups']
const noMark = { mark: null, markedAt: null, markedBy: null }
const groups = registerPart<'error_groups'>({
  key: (keys) => keys.errors(),
  field: ({ fingerprint }) => fingerprint,
  encode: encodeGroup,
  decode: (fingerprint, text) => ({ fingerprint, ...decodeGroup(text), ...noMark }),
  also(changes, { fingerprint, lastSeen, mark, markedAt, markedBy }) {
    changes.rank(bare.errorsSeen(), fingerprint, lastSeen)
    if (mark === null) return
    changes.put(bare.errorMarks(), fingerprint, encodeMark({ mark, at: markedAt ?? 0, by: markedBy ?? '' }))
  },
})

/** Kinds of failures with what was said of them, which lies beside. */
export const errorGroupPart: Part<'error_groups'> = {
  ...groups,
  async read(connection, after, limit) {
    const { rows, next } = await groups.read(connection, after, limit)
    const fingerprints = rows.map(({ fingerprint }) => fingerprint)
    const marks = await readFields(connection, connection.keys.errorMarks(), fingerprints)
    return { rows: rows.map((group) => withMark(group, marks.get(group.fingerprint) ?? null)), next }
  },
}

function withMark(group: Group, text: string | null): Group {
  if (text === null) return group
  const { mark, at, by } = decodeMark(text)
  return { ...group, mark, markedAt: at, markedBy: by }
}

type Count = TransferRows['error_counts']

/** How often kinds were seen: a few hundred hours of a few hundred kinds. */
export const errorCountPart: Part<'error_counts'> = {
  async read(connection, after, limit) {
    const rows: Count[] = []
    const [from, hour] = after === null ? ['', -1] : (JSON.parse(after) as [string, number])
    for (const fingerprint of await fingerprintsOf(connection)) {
      if (fingerprint < from) continue
      const hours = await hoursOf(connection, fingerprint)
      rows.push(...hours.filter((count) => fingerprint > from || count.hour > hour))
      if (rows.length > limit) break
    }
    const shown = rows.slice(0, limit)
    const last = rows.length > limit ? shown.at(-1) : undefined
    return { rows: shown, next: last ? JSON.stringify([last.fingerprint, last.hour]) : null }
  },
  async propose(connection, changes, rows) {
    const fingerprints = new Set(rows.map(({ fingerprint }) => fingerprint))
    for (const fingerprint of fingerprints) {
      const counts = rows.filter((count) => count.fingerprint === fingerprint)
      const hours = counts.map(({ hour }) => String(hour))
      const missing = await guardedMissing(connection, changes, (keys) => keys.errorHours(fingerprint), hours)
      for (const { hour, tasks } of counts) {
        if (missing.has(String(hour))) changes.put(bare.errorHours(fingerprint), String(hour), tasks)
      }
    }
  },
  async count(connection) {
    const keys = (await fingerprintsOf(connection)).map((fingerprint) => connection.keys.errorHours(fingerprint))
    const lengths = await connection.pipeline(keys.map((key) => ['HLEN', key]))
    return lengths.reduce<number>((sum, length) => sum + Number(length), 0)
  },
}

async function fingerprintsOf(connection: Connection): Promise<readonly string[]> {
  return [...((await connection.command('HKEYS', connection.keys.errors())) as readonly string[])].sort()
}

async function hoursOf(connection: Connection, fingerprint: string): Promise<readonly Count[]> {
  const pairs = (await connection.command('HGETALL', connection.keys.errorHours(fingerprint))) as readonly string[]
  const counts: Count[] = []
  for (let index = 0; index < pairs.length; index += 2) {
    counts.push({ fingerprint, hour: Number(pairs[index]), tasks: Number(pairs[index + 1]) })
  }
  return counts.sort((a, b) => a.hour - b.hour)
}
