import { storeKinds, type StoreKind } from './timetable.ts'

export interface ChaosOptions {
  readonly seeds: readonly number[]
  readonly store: StoreKind
  /** How many runs go on at once. */
  readonly atOnce: number
}

const largest = 2 ** 31 - 1
const names = ['seeds', 'from', 'seed', 'store', 'at-once']

/** Reads `--seeds=100 --from=1`, `--seed=42`, `--store=postgres`, `--at-once=2`. Throws with words for the one who typed it. */
export function parseOptions(words: readonly string[]): ChaosOptions {
  const given = new Map(words.map(splitWord))
  const store = given.get('store') ?? 'sqlite'
  if (!isStore(store)) throw new Error(`--store: expected one of ${storeKinds.join(', ')}, not ${store}`)
  const seed = given.get('seed')
  if (seed !== undefined && (given.has('seeds') || given.has('from'))) {
    throw new Error('--seed repeats one run: leave out --seeds and --from')
  }
  const from = integer(given, seed === undefined ? 'from' : 'seed', 1, largest)
  const count = integer(given, 'seeds', seed === undefined ? 100 : 1, 100_000)
  return {
    seeds: Array.from({ length: count }, (_, index) => from + index),
    store,
    atOnce: integer(given, 'at-once', 2, 64),
  }
}

function splitWord(word: string): readonly [string, string] {
  const [, name = '', value = ''] = /^--([a-z-]+)=(.*)$/.exec(word) ?? []
  if (!names.includes(name)) throw new Error(`${word}: expected ${names.map((one) => `--${one}=…`).join(', ')}`)
  return [name, value]
}

function integer(given: ReadonlyMap<string, string>, name: string, usual: number, most: number): number {
  const text = given.get(name)
  if (text === undefined) return usual
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= 1 && value <= most) return value
  throw new Error(`--${name}: expected a whole number from 1 to ${most}, not ${text}`)
}

function isStore(word: string): word is StoreKind {
  return (storeKinds as readonly string[]).includes(word)
}
