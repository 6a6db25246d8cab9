import { createHash } from 'node:crypto'
import { transferKinds, type TransferKind, type TransferSlice, type TransferStore } from './port.ts'

/** What all rows of a kind come to. */
export interface TransferDigest {
  /** How many there are. */
  readonly count: number
  /** 64 hexadecimal digits; the same in whichever order the rows come. */
  readonly checksum: string
}

/** So many rows are asked for at once. */
export const sliceRows = 250
const noText = /\0|\p{Surrogate}/gu
const modulus = 2n ** 256n

/** Reads all rows of a kind after a place, slice by slice. */
export async function* slicesOf<K extends TransferKind>(
  store: TransferStore,
  kind: K,
  after: string | null = null,
): AsyncGenerator<TransferSlice<K>, void> {
  let place = after
  do {
    const slice = await store.read(kind, place, sliceRows)
    yield slice
    place = slice.next
  } while (place !== null)
}

/** Adds rows up: the SHA-256 of each, as a number, so that no store has to sort as another does. */
export class DigestSum {
  #count = 0
  #sum = 0n

  add(kind: TransferKind, row: unknown): void {
    const hash = createHash('sha256')
      .update(canonicalText([kind, row]))
      .digest('hex')
    this.#count += 1
    this.#sum = (this.#sum + BigInt(`0x${hash}`)) % modulus
  }

  value(): TransferDigest {
    return { count: this.#count, checksum: this.#sum.toString(16).padStart(64, '0') }
  }
}

/** The digest of what a store has of a kind, from its own rows; `onRows` hears how many were read. */
export async function digestOf(
  store: TransferStore,
  kind: TransferKind,
  onRows: (rows: number) => void | Promise<void> = () => undefined,
): Promise<TransferDigest> {
  const sum = new DigestSum()
  for await (const { rows } of slicesOf(store, kind)) {
    for (const row of rows) sum.add(kind, row)
    await onRows(rows.length)
  }
  return sum.value()
}

/** Whether a store has nothing that could be carried; else the first kind that it has. */
export async function firstKindIn(store: TransferStore): Promise<TransferKind | null> {
  for (const kind of transferKinds) {
    const { rows } = await store.read(kind, null, 1)
    if (rows.length > 0) return kind
  }
  return null
}

/**
 * JSON with the members of objects in one order: a store may keep them in another. What is no text to every store, NUL and
 * halves of surrogate pairs, is U+FFFD, as it is after it was stored there.
 */
export function canonicalText(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.replace(noText, '\ufffd'))
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null'
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  members.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${canonicalText(name)}:${canonicalText(member)}`).join(',')}}`
}
