import type { Json } from '@taskloom/protocol'
import type { Redactor } from './redact.ts'
import { createStyle, type Style } from './style.ts'
import { safeJson, safeLines } from './text.ts'
import type { World } from './world.ts'

/** What a command has to say, for people or for programs. */
export interface Printer {
  readonly isJson: boolean
  readonly style: Style
  /** How many characters a line may have; null for as many as it takes. */
  readonly columns: number | null
  /** The one answer of the command: the document with `--json`, else the words. */
  answer(document: Json, words: () => string): Promise<void>
  /** One of many documents, a line each, or the words. */
  entry(document: Json, words: () => string): Promise<void>
  /** Something beside the answer, on the other stream. */
  note(words: string): Promise<void>
}

/** Everything that a command writes passes here: without passwords, and without what would drive the terminal. */
export function createPrinter(world: World, isJson: boolean, redact: Redactor): Printer {
  const { out, err, env } = world
  const style = createStyle(out.isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb')
  const write = (text: string) => out.write(redact(text))
  return {
    isJson,
    style,
    columns: out.columns,
    answer: (document, words) => write(isJson ? `${safeJson(document, 2)}\n` : endLine(words())),
    entry: (document, words) => write(isJson ? `${safeJson(document)}\n` : endLine(words())),
    note: (words) => err.write(`${redact(safeLines(words))}\n`),
  }
}

function endLine(text: string): string {
  return text === '' || text.endsWith('\n') ? text : `${text}\n`
}
