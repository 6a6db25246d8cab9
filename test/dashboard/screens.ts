import type { FixtureOptions } from './fixture.ts'
import { find, mount, textOf, until, type Mounted } from './mounted.ts'

/** Everything that a server of ours offers, to somebody who may do everything. */
export const everything: NonNullable<FixtureOptions['capabilities']> = {
  reads: ['schedules', 'functions', 'timeline', 'logs', 'search', 'workers', 'audit', 'locks', 'drift', 'panels'],
  actions: ['queue_pause', 'queue_drain', 'read_audit', 'retry'],
}

/** A dashboard on one of the screens that are loaded when they are needed, once it has said `words`. */
export async function shownScreen(
  tab: string,
  words: string,
  attributes: Readonly<Record<string, string>> = {},
  options: FixtureOptions = {},
): Promise<Mounted & { readonly screen: HTMLElement }> {
  const mounted = await mount(attributes, { ...options, capabilities: { ...everything, ...options.capabilities } })
  mounted.element.setAttribute('tab', tab)
  const name = tab.startsWith('panel:') ? 'task-panel' : `task-${tab}`
  const screen = () => find(mounted.element, name)
  await until(() => screen() !== null && textOf(screen() as HTMLElement).includes(words), `${words} in ${name}`)
  return { ...mounted, screen: screen() as HTMLElement }
}
