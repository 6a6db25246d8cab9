import { browserStorage } from '@taskloom/client'
import type { Density, Theme } from '../events.ts'
import { readDensity, readTheme } from './attributes.ts'

export interface Looks {
  readonly theme: Theme | null
  readonly density: Density | null
  /** Inline size of the panel of an open task, px. */
  readonly panelWidth: number | null
}

const key = 'taskloom:looks'

/** How the operator wants things to look, on every page of this origin. */
export function readLooks(): Looks {
  try {
    const input: unknown = JSON.parse(browserStorage()?.getItem(key) ?? 'null')
    const { theme, density, panelWidth } = (input ?? {}) as Record<string, unknown>
    return {
      theme: typeof theme === 'string' ? readTheme(theme) : null,
      density: typeof density === 'string' ? readDensity(density) : null,
      panelWidth: typeof panelWidth === 'number' && Number.isFinite(panelWidth) ? panelWidth : null,
    }
  } catch {
    return { theme: null, density: null, panelWidth: null }
  }
}

export function writeLooks(looks: Looks): void {
  try {
    browserStorage()?.setItem(key, JSON.stringify(looks))
  } catch {
    // Full or forbidden storage: the choice lasts as long as the page.
  }
}
