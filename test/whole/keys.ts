import type { KeyInput, Page } from 'puppeteer-core'
import { expect } from 'vitest'
import type { Host } from './host.ts'

/** A task as the list tells of it. */
export interface Listed {
  readonly task_id: string
  readonly status: string
  readonly retried_from: string | null
}

/** What the server lists, newest first; `query` as `status=failed`. */
export async function listed(host: Host, query = ''): Promise<readonly Listed[]> {
  const response = await fetch(`${host.origin}/tasks?limit=100&${query}`)
  return ((await response.json()) as { tasks: Listed[] }).tasks
}

/** What the focus is on, through every shadow root, as a screen reader would name it. */
export function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    let active = document.activeElement
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
    return (active?.getAttribute('aria-label') ?? active?.textContent ?? '').replace(/\s+/g, ' ').trim()
  })
}

const mostTabs = 120

/** Presses Tab until the focus is on something of this name. */
export async function tabTo(page: Page, name: string): Promise<void> {
  for (let step = 0; step < mostTabs; step += 1) {
    await page.keyboard.press('Tab')
    if ((await focusedName(page)) === name) return
  }
  expect.fail(`Tab does not lead to ${name}`)
}

/** Presses keys one after the other. */
export async function press(page: Page, ...keys: readonly KeyInput[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key)
}
