export interface SoakOptions {
  readonly minutes: number
  readonly perSecond: number
  /** Whether the report goes into the documentation; by default when it is long enough to be believed. */
  readonly isSaved: boolean
}

/** From so many minutes on a run is kept in the documentation without being asked for. */
const enoughMinutes = 30

/** Reads `--minutes=30`, `--per-second=200` and `--save`. Throws with words for the one who typed it. */
export function parseOptions(words: readonly string[]): SoakOptions {
  let minutes = enoughMinutes
  let perSecond = 200
  let isSaved = false
  for (const word of words) {
    const [, name, text] = /^--(minutes|per-second)=(\d+(?:\.\d+)?)$/.exec(word) ?? []
    if (name === 'minutes') minutes = within(word, Number(text), 3, 10_000)
    else if (name === 'per-second') perSecond = within(word, Number(text), 20, 10_000)
    else if (word === '--save') isSaved = true
    else throw new Error(`${word}: expected --minutes=…, --per-second=… or --save`)
  }
  return { minutes, perSecond, isSaved: isSaved || minutes >= enoughMinutes }
}

function within(word: string, value: number, least: number, most: number): number {
  if (value >= least && value <= most) return value
  throw new Error(`${word}: expected a number from ${least} to ${most}`)
}
