const unstorable = /[\0\p{Surrogate}]/gu
const suspicious = /[\0\ud800-\udfff]/

/** The same text with what databases and JSON readers choke on, NUL and lone surrogates, made visible. */
export function cleanText(text: string): string {
  if (!suspicious.test(text)) return text
  return text.replace(unstorable, (letter) => (letter === '\0' ? '\u2400' : '\ufffd'))
}

/** At most `maxLength` characters, never half of a surrogate pair; an ellipsis stands for what was cut. */
export function cutText(text: string, maxLength: number): string {
  return text.length <= maxLength ? cleanText(text) : cleanText(`${text.slice(0, maxLength - 1)}…`)
}

/** One line: runs of white space become single spaces. */
export function oneLine(text: string, maxLength: number): string {
  // What lies far beyond the cap is not worth a replacement over a megabyte.
  return cutText(
    text
      .slice(0, maxLength * 4)
      .replace(/\s+/g, ' ')
      .trim(),
    maxLength,
  )
}
