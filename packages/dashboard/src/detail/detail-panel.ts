import type { DetailTab, OfferedAction, OpenTask } from '@taskloom/client'
import type { TaskDetail } from '@taskloom/protocol'
import { html, LitElement, nothing } from 'lit'
import { property, query } from 'lit/decorators.js'
import type { Menu } from '../elements/menu.ts'
import { request, type TaskVerb } from '../events.ts'
import { problemWords, type Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { linkTo } from '../host/address.ts'
import { base, buttons, chips, inputs, keyValues, menus, tabStyles } from '../styles/controls.ts'
import { ClockController } from '../ticker.ts'
import { actionWords } from './action-words.ts'
import { attemptsTab } from './attempts-tab.ts'
import { detailsTab } from './details-tab.ts'
import { errorTab } from './error-tab.ts'
import { panelStyles } from './panel-styles.ts'
import { panelTabs, shownTab, type PanelTab } from './panel-tabs.ts'
import { detailStyles } from './styles.ts'
import { clip } from './text-block.ts'

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
export class DetailPanel extends LitElement {
  @property({ attribute: false }) open!: OpenTask
  @property({ attribute: false }) offered: readonly OfferedAction[] = []
  /** Tasks for which a command is on its way. */
  @property({ attribute: false }) busyIds: ReadonlySet<string> = new Set()
  @property({ type: Boolean }) isPaused = false
  /** Inline size where the panel stands beside the rows, px. */
  @property({ type: Number }) width = usualWidth
  @property({ attribute: false }) formats!: Formats
  @query('.body') private readonly body!: HTMLElement
  @query('.panel') private readonly panel!: HTMLElement
  readonly #clock = new ClockController(this, () => !this.isPaused && this.open.detail?.status === 'running')

  static override styles = [base, buttons, chips, inputs, menus, tabStyles, keyValues, detailStyles, panelStyles]

  constructor() {
    super()
    this.addEventListener('keydown', this.#onKey)
  }

  override firstUpdated() {
    this.panel.focus({ preventScroll: true })
  }

  override updated(changed: Map<PropertyKey, unknown>) {
    if (changed.has('width')) this.style.setProperty('--td-panel-width', `${this.width}px`)
    const before = changed.get('open') as OpenTask | undefined
    if (before && before.taskId !== this.open.taskId) this.#turnTo()
  }

  override render() {
    const { detail } = this.open
    return html`
      ${this.#renderHandle()}
      <section
        class="panel"
        tabindex="-1"
        aria-label="Task ${detail ? clip(detail.funcName, 80) : ''}"
        aria-busy=${this.open.phase === 'loading'}
      >
        ${detail ? this.#renderHead(detail) : this.#renderPlainHead()}
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
      aria-label="Width of the panel"
      aria-valuemin=${leastWidth}
      aria-valuemax=${mostWidth}
      aria-valuenow=${this.width}
      @pointerdown=${this.#onGrab}
      @keydown=${this.#onHandleKey}
    ></div>`
  }

  #renderPlainHead() {
    return html`<header class="head">
      <div class="line">
        <span class="mono faint">${clip(this.open.taskId, 60)}</span><span class="spacer"></span>${this.#renderClose()}
      </div>
    </header>`
  }

  #renderHead(task: TaskDetail) {
    const tabs = panelTabs(this.open)
    const isGone = this.open.phase === 'deleted'
    return html`
      <header class="head">
        <div class="line">
          <task-status-badge status=${task.status}></task-status-badge>
          <span class="spacer"></span>
          ${isGone ? nothing : this.#renderActions(task)} ${this.#renderClose()}
        </div>
        <div class="line names">
          <h3>${clip(task.funcName)}</h3>
          <span class="tag" title="Queue">${clip(task.queue, 60)}</span>
          ${Object.entries(task.tags)
            .slice(0, 3)
            .map(
              ([key, value]) =>
                html`<span class="tag" title="${clip(key)}: ${clip(value)}"
                  >${clip(key, 40)}: ${clip(value, 60)}</span
                >`,
            )}
        </div>
        <div class="line id mono faint">
          <span>${task.taskId}</span><task-copy-button text=${task.taskId} label="Copy id"></task-copy-button>
        </div>
        ${isGone ? html`<p class="warn gone" role="status">${icon('trash')}<span>This task was deleted. What you see is the last that was known.</span></p>` : nothing}
        <div class="tabs" role="tablist" aria-label="About this task" @keydown=${this.#onTabKey}>
          ${tabs.map((tab) => this.#renderTabButton(tab, shownTab(this.open, tabs)))}
        </div>
      </header>
    `
  }

  #renderActions({ taskId }: TaskDetail) {
    const isBusy = this.busyIds.has(taskId)
    const shown = this.offered.filter(({ action }) => action !== 'delete')
    const remove = this.offered.find(({ action }) => action === 'delete')
    return html`
      ${shown.map(
        (offered) =>
          html`<button
            class="btn"
            type="button"
            data-action=${offered.action}
            ?disabled=${isBusy}
            title=${offered.warning ?? ''}
            @click=${() => this.#intend(offered.action)}
          >
            ${icon(actionWords[offered.action].icon)}${actionWords[offered.action].word}
          </button>`,
      )}
      <task-copy-button class="boxed" icon="link" text=${linkTo(taskId)} label="Copy link"></task-copy-button>
      ${
        remove
          ? html`<task-menu label="More" icon-only>
              <span slot="label">${icon('more')}</span>
              <div class="menu">
                <button
                  class="item bad"
                  type="button"
                  data-action="delete"
                  ?disabled=${isBusy}
                  @click=${this.#onDelete}
                >
                  ${icon('trash')}<span>Delete…</span>
                </button>
              </div>
            </task-menu>`
          : nothing
      }
    `
  }

  #renderClose() {
    return html`<button
      class="btn ghost icon"
      type="button"
      aria-label="Close"
      title="Close (Esc)"
      @click=${this.#close}
    >
      ${icon('close')}
    </button>`
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
      aria-controls="content"
      tabindex=${isShown ? 0 : -1}
      @click=${() => this.#show(name)}
    >
      ${word}${count === null ? nothing : html`<span class="count">${this.formats.count(count)}</span>`}
    </button>`
  }

  #renderTab(task: TaskDetail) {
    const shown = shownTab(this.open, panelTabs(this.open))
    return html`<div id="content" role="tabpanel" aria-labelledby="tab-${shown}">
      ${this.#renderContent(shown, task)}
    </div>`
  }

  #renderContent(shown: DetailTab, task: TaskDetail) {
    switch (shown) {
      case 'details':
        return html`${detailsTab(task, this.formats, this.#clock.now)}<slot name="detail-extra"></slot>`
      case 'attempts':
        return attemptsTab(task, this.formats)
      case 'logs':
        return html`<task-log-view
          .logs=${this.open.logs}
          .hasMore=${this.open.logsHaveMore}
          .taskId=${task.taskId}
          .formats=${this.formats}
        ></task-log-view>`
      case 'error':
        return errorTab(task)
    }
  }

  #renderWaiting() {
    const { phase, problem, taskId } = this.open
    if (phase === 'loading') {
      return html`<div class="skeleton" role="status" aria-label="Loading the task">
        ${Array.from({ length: 9 }, () => html`<i></i>`)}
      </div>`
    }
    const isGone = phase === 'deleted' || problem?.status === 404
    return html`<task-notice
      icon=${isGone ? 'trash' : 'alert'}
      tone=${isGone ? '' : 'bad'}
      heading=${isGone ? 'There is no such task' : 'The task could not be loaded'}
      text=${isGone ? 'It was deleted, or its history was cleared.' : problemWords(problem)}
    >
      <button class="btn" type="button" @click=${() => request(this, 'request-open', { taskId })}>Try again</button>
    </task-notice>`
  }

  /** Another task in the same panel begins at its top. */
  #turnTo(): void {
    this.body.scrollTop = 0
  }

  #show(tab: DetailTab): void {
    request(this, 'request-detail-tab', { tab })
  }

  #intend(verb: TaskVerb): void {
    request(this, 'request-intent', { verb, taskId: this.open.taskId })
  }

  readonly #onDelete = (): void => {
    this.renderRoot.querySelector<Menu>('task-menu')?.close()
    this.#intend('delete')
  }

  readonly #close = (): void => request(this, 'request-close')

  readonly #onKey = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || event.defaultPrevented || isInOpenPopover(event)) return
    event.preventDefault()
    event.stopPropagation()
    this.#close()
  }

  readonly #onTabKey = (event: KeyboardEvent): void => {
    const tabs = panelTabs(this.open)
    const at = tabs.findIndex(({ name }) => name === shownTab(this.open, tabs))
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key]
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
    const step = { ArrowLeft: keyStep, ArrowRight: -keyStep }[event.key]
    if (step === undefined) return
    event.preventDefault()
    event.stopPropagation()
    this.#resize(this.width + step * this.#outward)
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

function isInOpenPopover(event: Event): boolean {
  return event.composedPath().some((target) => target instanceof Element && target.matches(':popover-open'))
}

declare global {
  interface HTMLElementTagNameMap {
    'task-detail-panel': DetailPanel
  }
}
