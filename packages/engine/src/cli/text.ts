import type { Json } from '@taskloom/protocol'

/**
 * Control characters, and what turns the direction of text round. They come from tasks, and so from anybody: a terminal
 * that obeyed them would show something else than there is.
 */
const driving = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g

/** One line of text that only shows itself. */
export function safeText(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ').replace(driving, ' ')
}

/** The same, with its lines as they are. */
export function safeLines(text: string): string {
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/\t/g, '  ').replace(driving, ' '))
    .join('\n')
}

/** JSON in which such characters are escaped: it means the same, and drives no terminal. */
export function safeJson(document: Json, indent?: number): string {
  return JSON.stringify(document, null, indent).replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const wide =
  /\p{Emoji_Presentation}|\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}|[\uff01-\uff60\u3000-\u303e]/u
const letters = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** How many columns of a terminal a text takes. */
export function widthOf(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const { segment } of letters.segment(text)) width += wide.test(segment) ? 2 : 1
  return width
}

/** A text of at most so many columns; what is cut off is told by `…`. */
export function cutTo(text: string, columns: number): string {
  if (widthOf(text) <= columns) return text
  let cut = ''
  let width = 0
  for (const { segment } of letters.segment(text)) {
    width += widthOf(segment)
    if (width > columns - 1) break
    cut += segment
  }
  return columns < 1 ? '' : `${cut}…`
}
