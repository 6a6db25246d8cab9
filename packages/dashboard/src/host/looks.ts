import { browserStorage } from '@taskloom/client'
import type { Density, Theme } from '../events.ts'
import { readDensity, readTheme } from './attributes.ts'

/** How the operator wants things to look; null where the page decides. */
export interface Looks {
  readonly theme: Theme | null
  readonly density: Density | null
  /** Inline size of the panel of an open task, px. */
  readonly panelWidth: number | null
  /** IANA name. */
  readonly timeZone: string | null
  /** Whether lists say when something was, and not how long ago. */
  readonly isAbsolute: boolean
  readonly hours: 12 | 24 | null
}

const key = 'taskloom:looks'

/** How the operator wants things to look, on every page of this origin. */
export function readLooks(): Looks {
  const { theme, density, panelWidth, timeZone, isAbsolute, hours } = stored()
  return {
    theme: typeof theme === 'string' ? readTheme(theme) : null,
    density: typeof density === 'string' ? readDensity(density) : null,
    panelWidth: typeof panelWidth === 'number' && Number.isFinite(panelWidth) ? panelWidth : null,
    timeZone: typeof timeZone === 'string' ? timeZone : null,
    isAbsolute: isAbsolute === true,
    hours: hours === 12 || hours === 24 ? hours : null,
  }
}

export function writeLooks(looks: Looks): void {
  try {
    browserStorage()?.setItem(key, JSON.stringify(looks))
  } catch {
    // Full or forbidden storage: the choice lasts as long as the page.
  }
}

function stored(): Record<string, unknown> {
  try {
    const input: unknown = JSON.parse(browserStorage()?.getItem(key) ?? 'null')
    return (input ?? {}) as Record<string, unknown>
  } catch {
    return {}
  }
}
