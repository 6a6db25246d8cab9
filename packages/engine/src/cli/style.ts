/** Colours for a terminal; plain text elsewhere. */
export interface Style {
  /** A word of state in its colour: of a task, a worker, a schedule, a queue, a check. */
  state(word: string, shown?: string): string
  strong(text: string): string
  faint(text: string): string
}

const red = 31
const green = 32
const yellow = 33
const blue = 34
const grey = 90

const colours: Readonly<Record<string, number>> = {
  pending: yellow,
  running: blue,
  success: green,
  failed: red,
  interrupted: yellow,
  cancelled: grey,
  ok: green,
  active: green,
  degraded: yellow,
  stopping: yellow,
  paused: yellow,
  draining: yellow,
  stale: red,
  stopped: grey,
  down: red,
}

/** Nothing is coloured when `isOn` is false. */
export function createStyle(isOn: boolean): Style {
  const paint = (code: number | undefined, text: string) =>
    isOn && code !== undefined ? `\u001b[${code}m${text}\u001b[${code === 1 || code === 2 ? 22 : 39}m` : text
  return {
    state: (word, shown = word) => paint(Object.hasOwn(colours, word) ? colours[word] : undefined, shown),
    strong: (text) => paint(1, text),
    faint: (text) => paint(2, text),
  }
}
