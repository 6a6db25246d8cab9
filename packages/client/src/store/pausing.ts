import { maxHeldIds, type Snapshot } from '../persist.ts'
import type { StoreCore } from './core.ts'

/** What changed while the operator had paused, and the memory of it that outlives a reload. */
export interface Pausing {
  pause(): void
  /** Forgets what was held; the caller asks for everything anew. */
  resume(): void
  /** Counts distinct tasks that changed. */
  hold(taskIds: readonly string[]): void
  /** More changed than can be counted. */
  holdUnknown(): void
  restore(snapshot: Snapshot): void
  /** Writes the rows on the screen and what is held, some seconds from now. */
  readonly rememberSoon: () => void
  stop(): void
}

export const rememberEveryMs = 5_000

export function createPausing(core: StoreCore, lastEventId: () => string | null): Pausing {
  let heldIds = new Set<string>()
  let cancelTimer: (() => void) | null = null

  function remember(): void {
    cancelTimer?.()
    cancelTimer = null
    const { dataAt, heldIsCapped, list } = core.state
    if (dataAt === null) return
    const snapshot = { lastEventId: lastEventId(), dataAt, heldIds: [...heldIds], heldIsCapped, tasks: list.tasks }
    void core.persistence.writeSnapshot(snapshot)
  }

  function rememberSoon(): void {
    cancelTimer ??= core.timing.after(rememberEveryMs, remember)
  }

  function change(isPaused: boolean): void {
    heldIds = new Set()
    core.update({ isPaused, heldCount: 0, heldIsCapped: false })
    core.persistence.writePreferences({ view: core.state.view, isPaused })
    remember()
  }

  return {
    pause: () => change(true),
    resume: () => change(false),
    hold(taskIds) {
      let { heldIsCapped } = core.state
      for (const taskId of taskIds) {
        if (heldIds.size < maxHeldIds) heldIds.add(taskId)
        else if (!heldIds.has(taskId)) heldIsCapped = true
      }
      if (heldIds.size === core.state.heldCount && heldIsCapped === core.state.heldIsCapped) return
      core.update({ heldCount: heldIds.size, heldIsCapped })
      rememberSoon()
    },
    holdUnknown() {
      core.update({ heldIsCapped: true })
      rememberSoon()
    },
    restore(snapshot) {
      heldIds = new Set(snapshot.heldIds)
      core.update({ heldCount: heldIds.size, heldIsCapped: snapshot.heldIsCapped })
    },
    rememberSoon,
    stop: remember,
  }
}
