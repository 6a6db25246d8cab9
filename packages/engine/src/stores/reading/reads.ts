import type { Dialect, Query, Row, Session } from '../sql/database.ts'

export type { Query } from '../sql/database.ts'

/** Where a view is read from: all answers are of one moment. */
export interface Reads {
  readonly session: Pick<Session, 'rows'>
  readonly dialect: Dialect
  /** Whether roll-ups have changes beside them that are not folded into them yet. */
  readonly hasChanges: boolean
}

/** So many queries go with one statement, or so many lists of parameters with one query. */
const queriesAtOnce = 100
const listsAtOnce = 2_000

/** The rows of several queries of the same columns, in no order: on a server each statement is a round trip. */
export async function rowsOfAll({ session, dialect }: Reads, queries: readonly Query[]): Promise<readonly Row[]> {
  const [only] = queries
  if (only && queries.length === 1) return session.rows(only.sql, only.params)
  const found: Row[] = []
  for (let from = 0; from < queries.length; from += queriesAtOnce) {
    const some = queries.slice(from, from + queriesAtOnce)
    const sql = dialect.union(some.map((query) => query.sql))
    const params = some.flatMap((query) => query.params)
    const rows = await session.rows(sql, params)
    for (const row of rows) found.push(row)
  }
  return found
}

/**
 * The rows of each of several queries, in no order. `queryOf` writes the query of a place, with more columns behind its own
 * when it is told so.
 */
export async function rowsOfEach(
  reads: Reads,
  places: number,
  queryOf: (place: number, moreColumns: string) => Query,
): Promise<readonly (readonly Row[])[]> {
  const found = Array.from({ length: places }, (): Row[] => [])
  for (const row of await rowsWithPlaces(reads, places, queryOf)) found[Number(row.at(-1))]?.push(row.slice(0, -1))
  return found
}

async function rowsWithPlaces(
  reads: Reads,
  places: number,
  queryOf: (place: number, moreColumns: string) => Query,
): Promise<readonly Row[]> {
  const { session, dialect } = reads
  const all = Array.from({ length: places }, (_, place) => queryOf(place, ''))
  const rows: Row[] = []
  const single: number[] = []
  for (const [sql, alike] of bySql(all)) {
    const lists = alike.map((place) => all[place]?.params ?? [])
    const together = alike.length > 1 && alike.length <= listsAtOnce ? dialect.each?.(sql, lists) : null
    if (!together) single.push(...alike)
    else {
      for (const row of await session.rows(together.sql, together.params))
        rows.push([...row.slice(0, -1), alike[Number(row.at(-1))] ?? 0])
    }
  }
  const queries = single.map((place) => queryOf(place, `, ${place}`))
  return queries.length === 0 ? rows : [...rows, ...(await rowsOfAll(reads, queries))]
}

/** The places of queries that differ in their values alone. */
function bySql(all: readonly Query[]): ReadonlyMap<string, readonly number[]> {
  const places = new Map<string, number[]>()
  for (const [place, { sql }] of all.entries()) {
    const alike = places.get(sql)
    if (alike) alike.push(place)
    else places.set(sql, [place])
  }
  return places
}
