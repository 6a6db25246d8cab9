import type { Reply } from '../connection.ts'

/** Commands of one pipeline: few enough that neither Redis nor this process is held up by them. */
export const pipelineLength = 250
/** Members of a set, or tasks, that one command reads. */
export const longestPortion = 1_000

/** A reply that is a list of texts. */
export function textsOf(reply: Reply | undefined): readonly string[] {
  return (reply ?? []) as readonly string[]
}

/** A reply that is a count. */
export function numberOf(reply: Reply | undefined): number {
  return Number(reply ?? 0)
}

/** A reply that gives names and values, by turns or, as the newer protocol has members with their scores, in pairs. */
export function pairsOf(reply: Reply | undefined): readonly (readonly [name: string, value: string])[] {
  const texts = (Array.isArray(reply) ? reply.flat() : []).map(String)
  const pairs: [string, string][] = []
  for (let index = 0; index + 1 < texts.length; index += 2) {
    pairs.push([texts[index] as string, texts[index + 1] as string])
  }
  return pairs
}

/** Neighbours in groups of at most so many. */
export function* portionsOf<T>(values: readonly T[], size: number): Generator<readonly T[], void> {
  for (let start = 0; start < values.length; start += size) yield values.slice(start, start + size)
}
