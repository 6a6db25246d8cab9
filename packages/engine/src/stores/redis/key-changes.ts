import { Keys } from './keys.ts'
import { Packer } from './pack.ts'

/** What a decision has read: it holds only while that is the same. A field of a hash, or with a null field a plain text. */
export interface Guard {
  readonly key: string
  readonly field: string | null
  /** Null when it was not there. */
  readonly expected: string | null
}

/** Keys as scripts are given them: the prefix is put before them there. */
export const bare = new Keys('')

/** Sets in order of ids between which tasks of one kind move, when they become tasks of another. */
export interface Path {
  /** They are put into these. */
  readonly into: readonly string[]
  /** They are taken out of these. */
  readonly outOf: readonly string[]
}

/** More arguments than this are spread over several commands: Lua takes no more than about 8,000 at once. */
const maxArguments = 2_000

/**
 * All that one commit changes, and what it depends on. What is said of the same field or sum twice is written once, as it was
 * said last.
 */
export class KeyChanges {
  readonly #guards: string[] = []
  readonly #stamps: (string | number)[] = []
  readonly #absent: string[] = []
  readonly #tasks: TaskFieldsChange[] = []
  readonly #paths = new Map<Path, string[]>()
  readonly #deleted = new Set<string>()
  readonly #ranked = new Map<string, (string | number)[]>()
  readonly #unranked = new Map<string, string[]>()
  readonly #hashes = new Map<string, Map<string, string | number | null>>()
  readonly #sums = new Map<string, Map<string, number>>()
  readonly #texts = new Map<string, string>()
  readonly #members = new Map<string, Map<string, boolean>>()
  readonly #lines = new Map<string, string[]>()
  readonly #special: (readonly (string | number)[])[] = []

  /** The commit is refused as stale unless this is so still. */
  guard({ key, field, expected }: Guard): void {
    this.#guards.push(key, field === null ? '-' : `=${field}`, expected === null ? '-' : `=${expected}`)
  }

  /** The commit is refused as stale unless the task has this stamp still, or with null is not there. */
  stamp(taskId: string, stamp: number | null): void {
    if (stamp === null) this.#absent.push(taskId)
    else this.#stamps.push(taskId, stamp)
  }

  /** Fields of a task: names and values by turns. */
  task(taskId: string, fields: readonly (string | number)[]): void {
    this.#tasks.push({ taskId, fields })
  }

  /** A task goes where all of its kind go; no other call of this commit puts it into one of these sets, or takes it out. */
  move(path: Path, taskId: string): void {
    const members = this.#paths.get(path)
    if (members) members.push(taskId)
    else this.#paths.set(path, [taskId])
  }

  /** A member of a sorted set; null takes it away, also when it is put into it in the same commit. */
  rank(key: string, member: string, score: number | null): void {
    if (score === null) list(this.#unranked, key).push(member)
    else list(this.#ranked, key).push(score, member)
  }

  /** A field of a hash; null takes it away. */
  put(key: string, field: string, value: string | number | null): void {
    at(this.#hashes, key).set(field, value)
  }

  /** Adds to a whole number in a field of a hash. */
  sum(key: string, field: string, amount: number): void {
    const sums = at(this.#sums, key)
    sums.set(field, (sums.get(field) ?? 0) + amount)
  }

  /** A plain text. */
  text(key: string, value: string): void {
    this.#texts.set(key, value)
  }

  /** Whether something is in a set. */
  member(key: string, member: string, belongs: boolean): void {
    at(this.#members, key).set(member, belongs)
  }

  /** Lines at the end of a task's log, if the task is there. */
  lines(taskId: string, lines: readonly string[]): void {
    list(this.#lines, taskId).push(...lines)
  }

  /** A key with all that it holds. */
  delete(key: string): void {
    this.#deleted.add(key)
  }

  /** A command of the commit script's own. */
  special(name: string, ...args: readonly (string | number)[]): void {
    this.#special.push([name, ...args])
  }

  /** Whether there is nothing to be saved. */
  get isEmpty(): boolean {
    const { size: deleted } = this.#deleted
    const places = this.#ranked.size + this.#unranked.size + this.#paths.size
    const values = this.#hashes.size + this.#sums.size + this.#texts.size + this.#members.size
    return deleted + places + values + this.#lines.size + this.#special.length + this.#tasks.length === 0
  }

  /** As the commit script reads it: one long argument costs this process and Redis less than thousands of short ones. */
  encode(): Buffer {
    const packer = new Packer(expectedBytes(this.#tasks.length))
    packer.array(7)
    packer.texts(this.#guards)
    packer.texts(this.#stamps)
    packer.texts(this.#absent)
    packer.texts([...this.#deleted])
    this.#packTasks(packer)
    this.#packPaths(packer)
    const commands = this.#encodeCommands()
    packer.array(commands.length)
    for (const words of commands) packer.texts(words)
    return packer.bytes()
  }

  /** In one flat array: the id, how many words of fields follow, and these. */
  #packTasks(packer: Packer): void {
    let words = 0
    for (const { fields } of this.#tasks) words += 2 + fields.length
    packer.array(words)
    for (const { taskId, fields } of this.#tasks) {
      packer.text(taskId)
      packer.count(fields.length)
      for (const word of fields) packer.text(word)
    }
  }

  #packPaths(packer: Packer): void {
    packer.array(this.#paths.size)
    for (const [{ into, outOf }, members] of this.#paths) {
      packer.array(3)
      packer.texts(members)
      packer.texts(into)
      packer.texts(outOf)
    }
  }

  #encodeCommands(): readonly Words[] {
    const commands: Words[] = []
    for (const [key, ranked] of this.#ranked) push(commands, 'ZADD', key, ranked)
    for (const [key, members] of this.#unranked) push(commands, 'ZREM', key, members)
    for (const [key, fields] of this.#hashes) {
      const values: (string | number)[] = []
      for (const [field, value] of fields) if (value !== null) values.push(field, value)
      push(commands, 'HSET', key, values)
      push(commands, 'HDEL', key, namesOf(fields, null))
    }
    for (const [key, sums] of this.#sums) {
      for (const [field, amount] of sums) if (amount !== 0) commands.push(['HINCRBY', key, field, amount])
    }
    for (const [key, value] of this.#texts) commands.push(['SET', key, value])
    for (const [key, members] of this.#members) {
      push(commands, 'SADD', key, namesOf(members, true))
      push(commands, 'SREM', key, namesOf(members, false))
    }
    for (const special of this.#special) commands.push(special)
    for (const [taskId, lines] of this.#lines) push(commands, 'LINES', taskId, lines)
    return commands
  }
}

type Words = readonly (string | number)[]

function push(commands: Words[], name: string, key: string, values: Words): void {
  // Scores and fields stand before what belongs to them: portions are even.
  for (let from = 0; from < values.length; from += maxArguments) {
    commands.push([name, key, ...values.slice(from, from + maxArguments)])
  }
}

/** More than most commits need: a buffer that is too wide costs nothing, one that must grow is copied. */
function expectedBytes(tasks: number): number {
  return 4_096 + tasks * 1_024
}

interface TaskFieldsChange {
  readonly taskId: string
  readonly fields: readonly (string | number)[]
}

function namesOf<T>(of: ReadonlyMap<string, T>, wanted: T): readonly string[] {
  const names: string[] = []
  for (const [name, value] of of) if (value === wanted) names.push(name)
  return names
}

function at<T>(maps: Map<string, Map<string, T>>, key: string): Map<string, T> {
  const known = maps.get(key)
  if (known) return known
  const fresh = new Map<string, T>()
  maps.set(key, fresh)
  return fresh
}

function list<T>(lists: Map<string, T[]>, key: string): T[] {
  const known = lists.get(key)
  if (known) return known
  const fresh: T[] = []
  lists.set(key, fresh)
  return fresh
}
