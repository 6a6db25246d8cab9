/** A piece of a line that is written in one way. */
export interface TextPiece {
  readonly text: string
  /** Names of classes, of a fixed few: `red bold`. Empty for plain text. */
  readonly look: string
  /** What was searched for. */
  readonly isMarked: boolean
}

const colours = ['black', 'red', 'green', 'yellow', 'blue', 'magenta', 'cyan', 'white'] as const
const effects: Readonly<Record<number, string>> = { 1: 'bold', 2: 'dim', 3: 'italic', 4: 'underline', 7: 'bold' }
/** Everything that a terminal would take for an order: colours among them, and control characters. */
const control = '[\\x00-\\x08\\x0b-\\x1f\\x7f]'
const orders = new RegExp(
  `\\x1b\\[([0-9;]*)([@-~])|\\x1b\\][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\)|\\x1b[@-Z\\\\-_]|${control}`,
  'g',
)
const anyControl = new RegExp(control)
const mostPieces = 400

/** A line without what only a terminal understands. Pure. */
export function plainText(line: string): string {
  return hasOrders(line) ? line.replace(orders, '') : line
}

/** A line in pieces: its colours as names of classes, never as styles, and what was searched for marked. Pure. */
export function linePieces(line: string, search = ''): readonly TextPiece[] {
  const pieces = hasOrders(line) ? colouredPieces(line) : [{ text: line, look: '' }]
  const wanted = search.trim().toLowerCase()
  if (wanted === '') return pieces.map((piece) => ({ ...piece, isMarked: false }))
  const whole = pieces
    .map(({ text }) => text)
    .join('')
    .toLowerCase()
  const marked: TextPiece[] = []
  let at = 0
  for (const piece of pieces) {
    marked.push(...markedPieces(piece, at, whole, wanted))
    at += piece.text.length
  }
  return marked.slice(0, mostPieces)
}

type Piece = Omit<TextPiece, 'isMarked'>

function hasOrders(line: string): boolean {
  return anyControl.test(line)
}

function colouredPieces(line: string): readonly Piece[] {
  const pieces: Piece[] = []
  const look = new Map<string, string>()
  let from = 0
  const add = (until: number) => {
    if (until > from) pieces.push({ text: line.slice(from, until), look: [...look.values()].join(' ') })
  }
  for (const match of line.matchAll(orders)) {
    add(match.index)
    if (match[2] === 'm') follow(look, match[1] ?? '')
    from = match.index + match[0].length
    if (pieces.length >= mostPieces) break
  }
  add(line.length)
  return pieces
}

/** What a colour order changes of how the following text looks. */
function follow(look: Map<string, string>, order: string): void {
  const codes = order.split(';').map(Number)
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0
    if (code === 0) look.clear()
    else if (code === 38 || code === 48) index += codes[index + 1] === 5 ? 2 : 4
    else if (code === 22) ['bold', 'dim'].forEach((name) => look.delete(name))
    else if (code === 23) look.delete('italic')
    else if (code === 24) look.delete('underline')
    else if (code === 39) look.delete('colour')
    else if (effects[code]) look.set(effects[code], effects[code])
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) look.set('colour', colours[code % 10] ?? '')
  }
}

/** A piece cut where what was searched for begins and ends, which may lie across several pieces. */
function markedPieces({ text, look }: Piece, at: number, whole: string, wanted: string): readonly TextPiece[] {
  const cuts: TextPiece[] = []
  let from = 0
  let found = whole.indexOf(wanted, Math.max(0, at - wanted.length + 1))
  while (found >= 0 && found < at + text.length) {
    const start = Math.max(0, found - at)
    const end = Math.min(text.length, found + wanted.length - at)
    if (start > from) cuts.push({ text: text.slice(from, start), look, isMarked: false })
    if (end > start) cuts.push({ text: text.slice(start, end), look, isMarked: true })
    from = Math.max(from, end)
    found = whole.indexOf(wanted, found + wanted.length)
  }
  if (from < text.length) cuts.push({ text: text.slice(from), look, isMarked: false })
  return cuts
}
