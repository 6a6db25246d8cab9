import type { Value } from './json-text.ts'
import { leavesOf, pathWords } from './path.ts'

const wholeWords: readonly unknown[] = [
  '<redacted>',
  '<encrypted>',
  '<function>',
  '<symbol>',
  '<cycle>',
  '<deeper>',
  '<unreadable>',
]

/** Whether a value of a task stands for another that is not shown: who clones the task and leaves it keeps that one. */
export function isHidden(value: Value | undefined): boolean {
  if (typeof value !== 'string') return false
  return wholeWords.includes(value) || value.includes('***') || /^<\d+ bytes>$/.test(value)
}

/** The places of what is hidden. */
export function hiddenPaths(value: Value): ReadonlySet<string> {
  return new Set(leavesOf(value).flatMap(([path, leaf]) => (isHidden(leaf) ? [pathWords(path)] : [])))
}
