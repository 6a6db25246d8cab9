import axe from 'axe-core'
import { createFixture, type Fixture, type FixtureOptions } from './fixture.ts'

const bundle = '/packages/dashboard/dist/cdn/task-dashboard.js'

export interface DashboardElement extends HTMLElement {
  theme: string
  fetch: typeof fetch
  pause(): void
  resume(): Promise<void>
  openTask(taskId: string): Promise<void>
}

export interface Mounted {
  readonly element: DashboardElement
  readonly fixture: Fixture
}

/** Puts a `<task-dashboard>` from the built file on the page, over a fixture, and waits until its rows are there. */
export async function mount(
  attributes: Readonly<Record<string, string>> = {},
  options: FixtureOptions = {},
): Promise<Mounted> {
  localStorage.clear()
  history.replaceState(null, '', location.pathname + location.search)
  await import(bundle)
  const fixture = createFixture(options)
  const element = document.createElement('task-dashboard') as DashboardElement
  element.setAttribute('src', '/tasks')
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.fetch = fixture.fetch
  document.body.style.background = attributes['theme'] === 'dark' ? '#0b0c0e' : '#f6f6f4'
  document.body.append(element)
  await until(() => find(element, 'tr[data-task-id], tbody tr, task-notice') !== null, 'rows or a notice')
  await until(() => find(element, 'task-header') !== null, 'what comes after the rows')
  return { element, fixture }
}

export function unmountAll(): void {
  for (const element of document.querySelectorAll('task-dashboard')) element.remove()
}

/** The first match below `root`, through every shadow root. */
export function find<E extends HTMLElement = HTMLElement>(root: Node, selector: string): E | null {
  return findAll<E>(root, selector)[0] ?? null
}

export function findAll<E extends HTMLElement = HTMLElement>(root: Node, selector: string): E[] {
  const found: E[] = []
  const visit = (node: Node): void => {
    if (node instanceof Element && node.matches(selector)) found.push(node as E)
    if (node instanceof Element && node.shadowRoot) node.shadowRoot.childNodes.forEach(visit)
    node.childNodes.forEach(visit)
  }
  visit(root)
  return found
}

/** What is to be there must be: an error instead of null. */
export function get<E extends HTMLElement = HTMLElement>(root: Node, selector: string): E {
  const element = find<E>(root, selector)
  if (!element) throw new Error(`There is no ${selector}`)
  return element
}

export function button(root: Node, name: string): HTMLButtonElement {
  const match = findAll<HTMLButtonElement>(root, 'button').find(
    (candidate) =>
      candidate.getAttribute('aria-label') === name ||
      (candidate.textContent ?? '').replace(/\s+/g, ' ').trim() === name,
  )
  if (!match) throw new Error(`There is no button ${name}`)
  return match
}

/** All text as it is read, shadow roots included. */
export function textOf(root: Node): string {
  if (root instanceof HTMLStyleElement) return ''
  if (root.nodeType === Node.TEXT_NODE) return root.textContent ?? ''
  const below = root instanceof Element && root.shadowRoot ? [...root.shadowRoot.childNodes] : []
  return [...below, ...root.childNodes].map(textOf).join(' ').replace(/\s+/g, ' ')
}

export async function until(holds: () => boolean, what: string, withinMs = 8_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`Waited in vain for ${what}`)
    await new Promise((resolve) => requestAnimationFrame(resolve))
  }
}

export function shownIds(root: Node): string[] {
  return findAll(root, 'tr[data-task-id]').map((row) => row.dataset['taskId'] ?? '')
}

export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new Error(message)
}

export function assertEqual<T>(actual: T, expected: T, what = 'value'): void {
  const [seen, wanted] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (seen !== wanted) throw new Error(`${what}: expected ${wanted}, saw ${seen}`)
}

/** Fails with the rules that an element breaks. */
export async function assertAccessible(element: Element): Promise<void> {
  // Rules about whole pages do not concern a part of one.
  const off = Object.fromEntries(
    ['region', 'page-has-heading-one', 'landmark-one-main'].map((id) => [id, { enabled: false }]),
  )
  const { violations } = await axe.run(element, { rules: off })
  const words = violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes.map(({ target, any }) => `${JSON.stringify(target)} ${any[0]?.message ?? ''}`).join('; ')}`,
  )
  assert(violations.length === 0, words.join('\n'))
}
