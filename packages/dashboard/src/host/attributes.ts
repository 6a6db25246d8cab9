import { readTabName, tabNames, type TabName } from '@taskloom/client'
import type { Density, Theme } from '../events.ts'

/** Attributes are written by people: what is not understood means the default. */
export function readTheme(text: string | null | undefined): Theme {
  return text === 'light' || text === 'dark' ? text : 'auto'
}

export function readDensity(text: string | null | undefined): Density {
  return text === 'compact' || text === 'comfortable' ? text : 'normal'
}

export function readTab(text: string | null | undefined): TabName | null {
  return readTabName(text)
}

/** `"view dead-letters"`, comma or space between; which tabs there are, in which order. All when empty. */
export function readTabs(text: string | null | undefined): readonly TabName[] {
  const named = (text ?? '').split(/[\s,]+/).flatMap((word) => readTab(word) ?? [])
  return named.length > 0 ? [...new Set(named)] : tabNames
}
