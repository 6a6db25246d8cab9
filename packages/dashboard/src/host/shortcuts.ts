import { shortcuts, type KeyHost } from './keys.ts'

/** What keys do wherever the focus is within the dashboard, or nowhere. */
export interface ShortcutHost extends HTMLElement, KeyHost {
  /** `off` leaves every key to the page. */
  readonly shortcuts: string | null
}

const chordMs = 1_200
/** Dashboards of the page: where the focus is nowhere, the first of them answers. */
const listening: ShortcutHost[] = []

/** Listens on the page while connected; returns how to stop. Typing in any field is never taken for a shortcut. */
export function listenToKeys(host: ShortcutHost): () => void {
  let chordUntil = 0

  function onKey(event: KeyboardEvent): void {
    if (host.shortcuts === 'off' || event.defaultPrevented || event.isComposing || event.altKey) return
    if (!isOurs(event, host)) return
    const isPalette = event.ctrlKey !== event.metaKey && !event.shiftKey && event.key.toLowerCase() === 'k'
    if (!isPalette && (event.ctrlKey || event.metaKey || isTyping(event))) return
    const isChord = event.timeStamp < chordUntil
    chordUntil = event.key === 'g' && !isChord ? event.timeStamp + chordMs : 0
    if (isPalette) host.showDialog('palette')
    else if (!(isChord ? followChord(event.key) : answerKey(event))) return
    event.preventDefault()
  }

  function followChord(key: string): boolean {
    const tab = shortcuts.find(({ keys, tab }) => tab && keys[1] === key)?.tab
    if (tab) host.goTo(tab)
    return tab !== undefined
  }

  function answerKey({ key, repeat }: KeyboardEvent): boolean {
    const name = key === 'Escape' ? 'Esc' : key
    const shortcut = shortcuts.find(({ keys, run }) => run && keys.includes(name))
    // A key that is held down moves on, and does nothing else again and again.
    if (!shortcut?.run || (repeat && !/[jk[\]]/.test(key))) return key === 'g'
    return shortcut.run(host, key) !== false
  }

  listening.push(host)
  window.addEventListener('keydown', onKey)
  return () => {
    listening.splice(listening.indexOf(host), 1)
    window.removeEventListener('keydown', onKey)
  }
}

function isOurs(event: KeyboardEvent, host: ShortcutHost): boolean {
  const path = event.composedPath()
  const isNowhere = path[0] === document.body || path[0] === document.documentElement
  if (isNowhere ? listening[0] !== host : !path.includes(host)) return false
  return !path.some((node) => node instanceof HTMLDialogElement)
}

function isTyping(event: KeyboardEvent): boolean {
  const [target] = event.composedPath()
  if (!(target instanceof HTMLElement)) return true
  const isChoice = target instanceof HTMLInputElement && (target.type === 'checkbox' || target.type === 'radio')
  return !isChoice && (target.matches('input, textarea, select, [role="textbox"]') || target.isContentEditable)
}
