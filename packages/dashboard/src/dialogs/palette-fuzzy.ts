/** How well a name fits what is typed: the higher the better; null when it does not. Pure. */
export function fits(name: string, typed: string): number | null {
  const wanted = typed.trim().toLowerCase()
  if (wanted === '') return 0
  const text = name.toLowerCase()
  const at = text.indexOf(wanted)
  if (at >= 0) return 1_000 - at * 2 - text.length / 100 + (isStart(text, at) ? 200 : 0)
  return scattered(text, wanted.replace(/\s+/g, ''))
}

/** Its letters in their order, with others between: beginnings of words and neighbours count more. */
function scattered(text: string, wanted: string): number | null {
  let from = 0
  let score = 0
  for (const letter of wanted) {
    const at = text.indexOf(letter, from)
    if (at < 0) return null
    score += isStart(text, at) ? 12 : at === from ? 6 : 0
    score -= Math.min(8, at - from)
    from = at + 1
  }
  return score
}

function isStart(text: string, at: number): boolean {
  return at === 0 || /[^a-z0-9]/.test(text[at - 1] ?? '')
}
