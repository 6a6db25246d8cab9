import type { TabName } from '@taskloom/client'

/** What keys do wherever the focus is within the dashboard, or nowhere. */
export interface ShortcutHost extends HTMLElement {
  focusSearch(): void
  moveRow(step: number): void
  togglePause(): void
  closePanel(): boolean
  showDialog(dialog: 'help'): void
  goTo(tab: TabName): void
}

const tabsByKey: Readonly<Record<string, TabName>> = { v: 'view', d: 'dead-letters', s: 'schedules', t: 'tasks' }
const chordMs = 1_200

/** Listens on the page while connected; returns how to stop. Typing in any field is never taken for a shortcut. */
export function listenToKeys(host: ShortcutHost): () => void {
  let chordUntil = 0

  function onKey(event: KeyboardEvent): void {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !isOurs(event, host)) return
    const isChord = event.timeStamp < chordUntil
    chordUntil = event.key === 'g' ? event.timeStamp + chordMs : 0
    const handled = isChord ? followChord(event.key) : answerKey(event.key)
    if (handled) event.preventDefault()
  }

  function followChord(key: string): boolean {
    const tab = tabsByKey[key]
    if (tab) host.goTo(tab)
    return tab !== undefined
  }

  function answerKey(key: string): boolean {
    if (key === '/') host.focusSearch()
    else if (key === 'j' || key === 'k') host.moveRow(key === 'j' ? 1 : -1)
    else if (key === 'p') host.togglePause()
    else if (key === '?') host.showDialog('help')
    else if (key === 'Escape') return host.closePanel()
    else return key === 'g'
    return true
  }

  window.addEventListener('keydown', onKey)
  return () => window.removeEventListener('keydown', onKey)
}

function isOurs(event: KeyboardEvent, host: HTMLElement): boolean {
  const path = event.composedPath()
  const [target] = path
  if (path[0] !== document.body && !path.includes(host)) return false
  if (path.some((node) => node instanceof HTMLDialogElement)) return false
  if (!(target instanceof HTMLElement)) return false
  const isChoice = target instanceof HTMLInputElement && (target.type === 'checkbox' || target.type === 'radio')
  return isChoice || !(target.matches('input, textarea, select') || target.isContentEditable)
}
