/** A stack as a reader wants it: the message, the lines of the host's own code, and the rest folded. */
export interface SplitStack {
  /** Everything before the first frame. */
  readonly head: string
  readonly appFrames: readonly string[]
  readonly otherFrames: readonly string[]
  /** Where the other frames come from, for the folded line: `node_modules`, or one package's name; null is the runtime. */
  readonly othersFrom: string | null
}

const mostFrames = 200

/** Reads a V8 stack; a text without frames is all head. Pure. */
export function splitStack(stack: string): SplitStack {
  const lines = stack.split('\n')
  const first = lines.findIndex(isFrame)
  const head = (first < 0 ? lines : lines.slice(0, first)).join('\n').trimEnd()
  const frames = first < 0 ? [] : lines.slice(first, first + mostFrames).map((line) => line.trim())
  const shown = frames.filter((line) => line !== '')
  const otherFrames = shown.filter(isForeign)
  return { head, appFrames: shown.filter((line) => !isForeign(line)), otherFrames, othersFrom: originOf(otherFrames) }
}

/** A function that called itself is one line, with how often. Pure. */
export function foldRepeats(frames: readonly string[]): readonly string[] {
  const runs: { readonly frame: string; times: number }[] = []
  for (const frame of frames) {
    const last = runs.at(-1)
    if (last?.frame === frame) last.times += 1
    else runs.push({ frame, times: 1 })
  }
  return runs.map(({ frame, times }) => (times === 1 ? frame : `${frame} × ${times}`))
}

function isFrame(line: string): boolean {
  return /^\s+at /.test(line)
}

function isForeign(line: string): boolean {
  return /[\\/]node_modules[\\/]|\bnode:|\(<anonymous>\)|@taskloom\/|[\\/]packages[\\/]engine[\\/]/.test(line)
}

function originOf(frames: readonly string[]): string | null {
  const names = new Set(frames.map((line) => /node_modules[\\/]((?:@[^\\/]+[\\/])?[^\\/]+)/.exec(line)?.[1] ?? null))
  const [only] = names
  if (names.size === 1 && only) return only
  return names.size === 1 && only === null ? null : 'node_modules'
}
