import { canRead, type DetailTab, type OfferedAction, type OpenTask } from '@taskloom/client'
import type { Revealed, TaskDetail } from '@taskloom/protocol'
import { html, nothing } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import { problemWords } from '../format.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { loadPart } from '../parts.ts'
import { base, buttons, chips, inputs, keyValues, menus, tabStyles } from '../styles/controls.ts'
import { ClockController } from '../ticker.ts'
import { attemptsTab, toAttempt } from './attempts-tab.ts'
import { detailsTab } from './details-tab.ts'
import { errorTab } from './error-tab.ts'
import { neighbour, panelHead, plainHead, type HeadView } from './panel-head.ts'
import { panelStyles } from './panel-styles.ts'
import { panelTabs, shownTab, type PanelTab } from './panel-tabs.ts'
import { detailStyles } from './styles.ts'
import { clip } from './text-block.ts'
import { waterfallStyles } from './waterfall-styles.ts'

const leastWidth = 340
const mostWidth = 1_200
const usualWidth = 456
const keyStep = 24

/**
 * The open task: who it is, what may be done with it, and its tabs. News of the task change its words in place; the tab,
 * the scrolling and marked text stay. Escape asks to close.
 *
 * @fires panel-resize - the operator made it wider or narrower; detail `{ width }`, px
 * @slot detail-extra - at the end of the details
 */
export class DetailPanel extends PartElement {
  @property({ attribute: false }) open!: OpenTask
  @property({ attribute: false }) offered: readonly OfferedAction[] = []
  /** Tasks for which a command is on its way. */
  @property({ attribute: false }) busyIds: ReadonlySet<string> = new Set()
  @property({ type: Boolean }) isPaused = false
  /** Inline size where the panel stands beside the rows, px. */
  @property({ type: Number }) width = usualWidth
  /** Arguments and result as they are, while the operator looks at them. */
  @state() private revealed: Revealed | null = null
  @state() private logPart: 'loading' | 'ready' | 'failed' = 'loading'
  @query('.body') private readonly body!: HTMLElement
  @query('.panel') private readonly panel!: HTMLElement
  readonly #clock = new ClockController(this, () => !this.isPaused && this.#isLive)
  #shownAttempt: string | null = null

  static override styles = [
    base,
    buttons,
    chips,
    inputs,
    menus,
    tabStyles,
    keyValues,
    detailStyles,
    waterfallStyles,
    panelStyles,
  ]

  constructor() {
    super()
    this.addEventListener('keydown', this.#onKey)
    this.addEventListener('task-revealed', this.#onRevealed)
  }

  override connectedCallback() {
    super.connectedCallback()
    void this.#loadLog()
    // Without it there is less to see, and nothing else is wrong.
    loadPart('task-lineage').catch(() => undefined)
  }

  override disconnectedCallback() {
    super.disconnectedCallback()
    // The element is kept for the next task: what was revealed of this one is not.
    this.revealed = null
  }

  override willUpdate(changed: Map<PropertyKey, unknown>) {
    const before = changed.get('open') as OpenTask | undefined
    if (before && before.taskId !== this.open.taskId) this.revealed = null
  }

  override firstUpdated() {
    this.panel.focus({ preventScroll: true })
  }

  override updated(changed: Map<PropertyKey, unknown>) {
    if (changed.has('width')) this.style.setProperty('--td-panel-width', `${this.width}px`)
    const before = changed.get('open') as OpenTask | undefined
    if (before && before.taskId !== this.open.taskId) this.#turnTo()
    this.#showAttempt()
  }

  override render() {
    const { detail } = this.open
    const { say } = this.formats
    return html`
      ${this.#renderHandle()}
      <section
        class="panel"
        part="panel"
        tabindex="-1"
        aria-label=${detail ? say('Task {function}', { function: clip(detail.funcName, 80) }) : say('Task')}
        aria-busy=${this.open.phase === 'loading'}
      >
        ${detail ? panelHead(detail, this.#headView, this.#renderTabs()) : plainHead(this.#headView)}
        <div class="body">${detail ? this.#renderTab(detail) : this.#renderWaiting()}</div>
      </section>
    `
  }

  #renderHandle() {
    return html`<div
      class="handle"
      role="separator"
      tabindex="0"
      aria-orientation="vertical"
      aria-label=${this.formats.say('Width of the panel')}
      aria-valuemin=${leastWidth}
      aria-valuemax=${mostWidth}
      aria-valuenow=${this.width}
      @pointerdown=${this.#onGrab}
      @dblclick=${() => this.#resize(usualWidth)}
      @keydown=${this.#onHandleKey}
    ></div>`
  }

  get #headView(): HeadView {
    const { open, offered, context } = this
    return { open, offered, isBusy: this.busyIds.has(open.taskId), context }
  }

  #renderTabs() {
    const tabs = panelTabs(this.open, this.context)
    const shown = shownTab(this.open, tabs)
    return html`<div
      class="tabs"
      role="tablist"
      aria-label=${this.formats.say('About this task')}
      @keydown=${this.#onTabKey}
    >
      ${tabs.map((tab) => this.#renderTabButton(tab, shown))}
    </div>`
  }

  #renderTabButton({ name, word, count }: PanelTab, shown: DetailTab) {
    const isShown = name === shown
    return html`<button
      class="tab"
      id="tab-${name}"
      type="button"
      role="tab"
      data-tab=${name}
      aria-selected=${isShown ? 'true' : 'false'}
      aria-controls=${isShown ? 'content' : nothing}
      tabindex=${isShown ? 0 : -1}
      @click=${() => this.#show(name)}
    >
      ${word}${count === null ? nothing : html`<span class="count">${this.formats.count(count)}</span>`}
    </button>`
  }

  #renderTab(task: TaskDetail) {
    const shown = shownTab(this.open, panelTabs(this.open, this.context))
    return html`<div id="content" role="tabpanel" aria-labelledby="tab-${shown}">
      ${this.#renderContent(shown, task)}
    </div>`
  }

  #renderContent(shown: DetailTab, task: TaskDetail) {
    const { context, formats } = this
    const { now } = this.#clock
    switch (shown) {
      case 'details':
        return html`${this.#renderDoubt(task)} ${detailsTab(task, { context, now, revealed: this.revealed })}<slot
            name="detail-extra"
          ></slot>`
      case 'attempts':
        return attemptsTab(this.open, task, { formats, now })
      case 'logs':
        return this.#renderLog(task)
      case 'error':
        return errorTab(task, formats, this.#renderElsewhere(task))
      case 'audit':
        return html`<task-task-audit .taskId=${task.taskId} .context=${context}></task-task-audit>`
    }
  }

  /** What is half done is said before somebody has decided to do it again. */
  #renderDoubt({ status }: TaskDetail) {
    const warning = this.offered.find(({ action }) => action === 'retry')?.warning ?? null
    if (status !== 'interrupted' || warning === null) return nothing
    return html`<p class="warn stale">${icon('alert')}<span>${this.formats.say(warning)}</span></p>`
  }

  #renderElsewhere({ taskId, funcName, error }: TaskDetail) {
    if (error === null || !canRead(this.state.capabilities, 'errors')) return nothing
    return html`<task-error-elsewhere
      .taskId=${taskId}
      .funcName=${funcName}
      .error=${error}
      .context=${this.context}
    ></task-error-elsewhere>`
  }

  #renderLog({ taskId }: TaskDetail) {
    if (this.logPart === 'failed') {
      const { say } = this.formats
      return html`<task-notice
        icon="alert"
        tone="bad"
        heading=${say('This screen could not be loaded')}
        text=${say('Its file did not come. If the server was updated, load the page anew.')}
      >
        <button class="btn" type="button" @click=${() => void this.#loadLog()}>${say('Try again')}</button>
      </task-notice>`
    }
    if (this.logPart === 'loading') return this.#renderSkeleton()
    return html`<task-log-view
      .logs=${this.open.logs}
      .hasMore=${this.open.logsHaveMore}
      .taskId=${taskId}
      .attempt=${this.open.attempt}
      .formats=${this.formats}
    ></task-log-view>`
  }

  #renderSkeleton() {
    return html`<div class="skeleton" role="status" aria-label=${this.formats.say('Loading')}>
      ${Array.from({ length: 9 }, () => html`<i></i>`)}
    </div>`
  }

  #renderWaiting() {
    const { phase, problem, taskId } = this.open
    const { say } = this.formats
    if (phase === 'loading') return this.#renderSkeleton()
    const isGone = phase === 'deleted' || problem?.status === 404
    return html`<task-notice
      icon=${isGone ? 'trash' : 'alert'}
      tone=${isGone ? '' : 'bad'}
      heading=${isGone ? say('There is no such task') : say('The task could not be loaded')}
      text=${isGone ? say('It was deleted, or its history was cleared.') : problemWords(problem)}
    >
      <button class="btn" type="button" @click=${() => request(this, 'request-open', { taskId })}>
        ${say('Try again')}
      </button>
    </task-notice>`
  }

  get #isLive(): boolean {
    const { detail } = this.open
    return detail?.status === 'running' || (detail?.status === 'pending' && this.open.tab === 'attempts')
  }

  #step(by: number): void {
    const taskId = neighbour(this.open, this.context, by)
    if (taskId !== null) request(this, 'request-open', { taskId, tab: this.open.tab })
  }

  /** Another task in the same panel begins at its top. */
  #turnTo(): void {
    this.body.scrollTop = 0
  }

  /** A link to an attempt leads to its card, once. */
  #showAttempt(): void {
    const { taskId, tab, attempt, detail } = this.open
    if (attempt === undefined) this.#shownAttempt = null
    if (attempt === undefined || tab !== 'attempts' || !detail) return
    const wanted = `${taskId} ${attempt}`
    if (this.#shownAttempt === wanted) return
    this.#shownAttempt = wanted
    toAttempt(this.renderRoot as ShadowRoot, attempt)
  }

  async #loadLog(): Promise<void> {
    try {
      await loadPart('task-log-view')
      this.logPart = 'ready'
    } catch {
      this.logPart = 'failed'
    }
  }

  #show(tab: DetailTab): void {
    request(this, 'request-detail-tab', { tab })
  }

  /** Shows the tab that many further along; past the last comes the first. */
  turnTab(by: number): void {
    const tabs = panelTabs(this.open, this.context)
    const at = tabs.findIndex(({ name }) => name === shownTab(this.open, tabs))
    const tab = tabs[(at + by + tabs.length) % tabs.length]
    if (tab) this.#show(tab.name)
  }

  readonly #onRevealed = (event: Event): void => {
    event.stopPropagation()
    this.revealed = (event as CustomEvent<Revealed | null>).detail
  }

  readonly #close = (): void => request(this, 'request-close')

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || isInOpenPopover(event) || event.isComposing) return
    const isStep = (event.key === 'J' || event.key === 'K') && !isTyping(event)
    if (event.key !== 'Escape' && !isStep) return
    event.preventDefault()
    event.stopPropagation()
    if (isStep) this.#step(event.key === 'J' ? 1 : -1)
    else this.#close()
  }

  readonly #onTabKey = (event: KeyboardEvent): void => {
    const tabs = panelTabs(this.open, this.context)
    const at = tabs.findIndex(({ name }) => name === shownTab(this.open, tabs))
    const forward = this.#outward
    const to = { ArrowRight: at + forward, ArrowLeft: at - forward, Home: 0, End: tabs.length - 1 }[event.key]
    if (to === undefined) return
    event.preventDefault()
    event.stopPropagation()
    const tab = tabs[(to + tabs.length) % tabs.length]
    if (!tab) return
    this.#show(tab.name)
    this.renderRoot.querySelector<HTMLElement>(`[data-tab="${tab.name}"]`)?.focus()
  }

  readonly #onGrab = (event: PointerEvent): void => {
    const handle = event.currentTarget as HTMLElement
    const { clientX } = event
    const { width } = this
    const sign = this.#outward
    const onMove = (move: PointerEvent) => this.#resize(width + (clientX - move.clientX) * sign)
    event.preventDefault()
    handle.setPointerCapture(event.pointerId)
    handle.addEventListener('pointermove', onMove)
    handle.addEventListener('lostpointercapture', () => handle.removeEventListener('pointermove', onMove), {
      once: true,
    })
  }

  readonly #onHandleKey = (event: KeyboardEvent): void => {
    const sign = this.#outward
    const wanted = {
      ArrowLeft: this.width + keyStep * sign,
      ArrowRight: this.width - keyStep * sign,
      Home: leastWidth,
      End: mostWidth,
    }[event.key]
    if (wanted === undefined) return
    event.preventDefault()
    event.stopPropagation()
    this.#resize(wanted)
  }

  /** 1 where the handle is at the left, -1 where text runs from right to left. */
  get #outward(): number {
    return getComputedStyle(this).direction === 'rtl' ? -1 : 1
  }

  #resize(wanted: number): void {
    const width = Math.round(Math.max(leastWidth, Math.min(mostWidth, wanted)))
    if (width === this.width) return
    this.width = width
    this.dispatchEvent(new CustomEvent('panel-resize', { detail: { width }, bubbles: true, composed: true }))
  }
}

function isTyping(event: Event): boolean {
  const [target] = event.composedPath()
  return target instanceof HTMLElement && target.matches('input, textarea, select')
}

function isInOpenPopover(event: Event): boolean {
  return event.composedPath().some((target) => target instanceof Element && target.matches(':popover-open'))
}

declare global {
  interface HTMLElementTagNameMap {
    'task-detail-panel': DetailPanel
  }
}
