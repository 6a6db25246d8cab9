import { offeredActions, type DashboardState, type DashboardStore, type HeaderSource } from '@taskloom/client'
import { html, LitElement, nothing } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { questionOf } from './detail/action-words.ts'
import type { ClearHistoryDialog } from './elements/clear-history-dialog.ts'
import type { ConfirmQuestion, ConfirmResult } from './elements/confirm-dialog.ts'
import type { FilterRow } from './elements/filter-row.ts'
import type { HelpDialog } from './elements/help-dialog.ts'
import type { TaskTable } from './elements/task-table.ts'
import { request, type Density, type TaskVerb, type Theme } from './events.ts'
import { createFormats, type Formats } from './format.ts'
import { readPlace, writePlace } from './host/address.ts'
import { readDensity, readTab, readTabs, readTheme } from './host/attributes.ts'
import { readLooks, writeLooks } from './host/looks.ts'
import { reportChanges, report } from './host/reports.ts'
import { answerRequests } from './host/requests.ts'
import { renderPanel, renderScreen } from './host/screens.ts'
import { capabilitiesToRead, tabEntries } from './host/selections.ts'
import { listenToKeys } from './host/shortcuts.ts'
import { openStore } from './host/store.ts'
import { hostStyles } from './host/styles.ts'
import { renderView } from './host/view-screen.ts'
import { base, buttons, inputs, tables } from './styles/controls.ts'
import { tokens } from './styles/tokens.ts'

/** A verb that waits for the operator's yes. */
interface Asked {
  readonly verb: TaskVerb
  readonly taskId: string
  readonly question: ConfirmQuestion
}

/**
 * `<task-dashboard src="/tasks">`: the dashboard of a Taskloom server. It owns the one store that asks and listens; all
 * other elements get slices of its state and send requests up.
 *
 * @fires task-select - a task was opened or the panel closed
 * @fires task-before-action - cancelable; an action is about to be sent
 * @fires task-action - an action was answered
 * @fires task-filter-change - the operator asked for another view
 * @fires task-connection-change - the connection is in another state
 * @fires task-error - the rows did not come, or the server refuses
 * @slot title - instead of the heading
 * @slot toolbar - more buttons for the header
 * @slot empty - instead of the first-run words
 * @slot detail-extra - at the end of an open task
 */
export class TaskDashboard extends LitElement {
  /** Where the server is mounted; relative to the document's base. */
  @property() src = '/tasks'
  /** `auto` follows the page's `color-scheme`. What the operator chose in the menu goes before. */
  @property({ reflect: true }) theme: Theme = 'auto'
  /** How close rows stand. What the operator chose in the menu goes before. */
  @property({ reflect: true }) density: Density = 'normal'
  /** BCP 47; default the browser's. */
  @property() locale: string | null = null
  /** IANA name; default the browser's. */
  @property({ attribute: 'time-zone' }) timeZone: string | null = null
  /** The tab to begin with. */
  @property() tab: string | null = null
  /** Which tabs there are and in which order, separated by spaces; default all. */
  @property() tabs: string | null = null
  /** Hides everything that changes something. */
  @property({ type: Boolean }) readonly = false
  /** Rows of a page, 1–500; default 30. */
  @property({ type: Number, attribute: 'page-size' }) pageSize: number | null = null
  /** 1–6; the level of the title in the page's outline. Default 2. */
  @property({ type: Number, attribute: 'heading-level' }) headingLevel = 2
  /** Seconds between polls where no stream comes; default 30. */
  @property({ type: Number, attribute: 'poll-interval' }) pollInterval: number | null = null
  /** Keeps the view and the open task in the page's fragment. */
  @property({ type: Boolean, attribute: 'url-state' }) urlState = false
  /** Whether cookies go along, as for `fetch`; null is `same-origin`. */
  @property() credentials: RequestCredentials | null = null
  /** Heading; default what the server calls itself. */
  @property() override title = ''
  /** Headers of every request, or a function that makes them anew. */
  @property({ attribute: false }) headers: HeaderSource | undefined
  /** Instead of the browser's `fetch`. */
  @property({ attribute: false }) fetch: typeof fetch | undefined

  @state() private shown: DashboardState | null = null
  @state() private formats: Formats = createFormats()
  @state() private panelWidth = 456
  @state() private asked: Asked | null = null
  @query('task-filter-row') private readonly filterRow!: FilterRow | null
  @query('task-help-dialog') private readonly helpDialog!: HelpDialog
  @query('task-clear-history-dialog') private readonly clearDialog!: ClearHistoryDialog

  #store: DashboardStore | null = null
  #stopKeys: (() => void) | null = null

  static override styles = [base, buttons, inputs, tables, tokens, hostStyles]

  constructor() {
    super()
    answerRequests(this)
    this.addEventListener('panel-resize', this.#onResize)
  }

  /** The store behind the screen while the element is connected. */
  get store(): DashboardStore | null {
    return this.#store
  }

  override connectedCallback() {
    super.connectedCallback()
    const looks = readLooks()
    this.theme = looks.theme ?? readTheme(this.theme)
    this.density = looks.density ?? readDensity(this.density)
    this.panelWidth = looks.panelWidth ?? this.panelWidth
    this.#stopKeys = listenToKeys(this)
    if (this.hasUpdated) this.#start()
  }

  override disconnectedCallback() {
    super.disconnectedCallback()
    this.#stopKeys?.()
    this.#stopKeys = null
    this.#stop()
  }

  /** Asks the server again for everything that is shown. */
  async refresh(): Promise<void> {
    await this.#store?.refresh()
  }

  /** Holds back live changes and counts them. */
  pause(): void {
    this.#store?.pause()
  }

  /** Catches up with what was held back. */
  async resume(): Promise<void> {
    await this.#store?.resume()
  }

  /** Opens the panel of a task. */
  async openTask(taskId: string): Promise<void> {
    await this.#store?.openTask(taskId)
  }

  /** Downloads all rows of the current filter and sort. */
  async exportCsv(): Promise<void> {
    const file = await this.#store?.exportCsv()
    if (!file) return
    const address = URL.createObjectURL(file.blob)
    const link = Object.assign(document.createElement('a'), { href: address, download: file.name })
    link.click()
    setTimeout(() => URL.revokeObjectURL(address), 10_000)
  }

  override willUpdate(changed: Map<PropertyKey, unknown>) {
    if (changed.has('locale') || changed.has('timeZone')) this.formats = createFormats(this.locale, this.timeZone)
  }

  override updated(changed: Map<PropertyKey, unknown>) {
    const isOther = ['src', 'headers', 'fetch', 'credentials', 'pollInterval'].some((name) => changed.has(name))
    if (isOther && this.isConnected) this.#start()
    else if (changed.has('tab') && readTab(this.tab)) this.goTo(readTab(this.tab) ?? 'view')
  }

  override render() {
    const state = this.shown && this.#visible(this.shown)
    return html`
      <div title="" part="root">
        ${this.#renderHeader(state)} ${state ? this.#renderBody(state) : nothing}
        <task-toasts .toasts=${state?.toasts ?? []}></task-toasts>
        <task-help-dialog></task-help-dialog>
        <task-clear-history-dialog></task-clear-history-dialog>
        <task-confirm-dialog
          .question=${this.asked?.question ?? null}
          @confirm-result=${this.#onAnswer}
        ></task-confirm-dialog>
      </div>
    `
  }

  #renderHeader(state: DashboardState | null) {
    return html`<task-header
      .heading=${this.title || state?.capabilities?.title || 'Background tasks'}
      .environment=${state?.capabilities?.environment ?? null}
      .connection=${state?.connection ?? null}
      .isPaused=${state?.isPaused ?? false}
      .heldCount=${state?.heldCount ?? 0}
      .heldIsCapped=${state?.heldIsCapped ?? false}
      .dataAt=${state?.dataAt ?? null}
      .headingLevel=${this.headingLevel}
      .theme=${this.theme}
      .density=${this.density}
      .formats=${this.formats}
      ><slot name="title" slot=${this.querySelector('[slot="title"]') ? 'title' : 'none'}></slot
      ><slot name="toolbar" slot="toolbar"></slot
    ></task-header>`
  }

  #renderBody(state: DashboardState) {
    const { view } = state
    const notices = state.capabilities?.notices ?? []
    return html`
      ${
        notices.length > 0
          ? html`<div class="notices">${notices.map((notice) => html`<p class="warn">${notice}</p>`)}</div>`
          : nothing
      }
      <div class="card figures" part="figures">
        <task-stat-strip
          .metrics=${state.metrics}
          .statuses=${view.tab === 'dead-letters' ? ['failed'] : view.statuses}
          .formats=${this.formats}
        ></task-stat-strip>
        <task-chart .timeline=${state.timeline} .range=${view.range} .formats=${this.formats}></task-chart>
      </div>
      <task-tab-bar .entries=${tabEntries(state, readTabs(this.tabs), this.formats)} .active=${view.tab}></task-tab-bar>
      <div class="split ${state.open ? 'open' : ''}">
        <div class="screen" role="tabpanel" aria-label="Screen" part="screen">
          ${view.tab === 'view' ? renderView(state, this.formats) : renderScreen(view.tab, state, this.formats)}
        </div>
        ${renderPanel(state, this.formats, this.panelWidth)}
      </div>
    `
  }

  #visible(state: DashboardState): DashboardState {
    return this.readonly ? { ...state, capabilities: capabilitiesToRead(state) } : state
  }

  #start(): void {
    this.#stop()
    const place = this.urlState ? readPlace() : null
    const tab = readTab(this.tab)
    const store = openStore({
      src: this.src,
      headers: this.headers,
      fetch: this.fetch,
      credentials: this.credentials ?? undefined,
      pollIntervalMs: this.pollInterval === null ? undefined : Math.max(1, this.pollInterval) * 1_000,
      view: { ...(tab ? { tab } : {}), ...(this.pageSize ? { pageSize: this.pageSize } : {}), ...place?.view },
    })
    this.#store = store
    this.#show(store.state)
    store.subscribe((next) => this.#show(next))
    void store.start()
    if (place?.taskId) void store.openTask(place.taskId)
  }

  #stop(): void {
    this.#store?.stop()
    this.#store = null
  }

  #show(next: DashboardState): void {
    const before = this.shown
    this.shown = next
    if (this.urlState && (next.view !== before?.view || next.open?.taskId !== before?.open?.taskId)) {
      writePlace({ view: next.view, taskId: next.open?.taskId ?? null })
    }
    reportChanges(this, before, next)
    const closed = before?.open?.taskId
    if (closed && !next.open && this.renderRoot.querySelector('task-detail-panel:focus-within')) {
      void this.updateComplete.then(() => this.#table?.focusRow(closed))
    }
  }

  /** The rows on the screen, of the View tab or among the dead letters. */
  get #table(): TaskTable | null {
    return this.renderRoot.querySelector('task-table')
  }

  readonly #onAnswer = (event: CustomEvent<ConfirmResult>): void => {
    event.stopPropagation()
    const { asked } = this
    const { isConfirmed, reason } = event.detail
    this.asked = null
    if (!asked || !isConfirmed) return
    request(this, 'request-action', { verb: asked.verb, taskId: asked.taskId, ...(reason ? { reason } : {}) })
  }

  readonly #onResize = (event: Event): void => {
    event.stopPropagation()
    this.panelWidth = (event as CustomEvent<{ readonly width: number }>).detail.width
    this.#rememberLooks()
  }

  #rememberLooks(): void {
    writeLooks({ theme: this.theme, density: this.density, panelWidth: this.panelWidth })
  }

  /** @internal Requests of the elements end here. */
  act(action: string, taskIds: readonly string[], run: (store: DashboardStore) => Promise<unknown>): void {
    const store = this.#store
    if (!store || this.readonly || !report(this, 'task-before-action', { action, taskIds })) return
    void run(store).then(() => report(this, 'task-action', { action, taskIds }))
  }

  /** @internal */
  intend(verb: TaskVerb, taskId: string): void {
    const state = this.#store && this.#visible(this.#store.state)
    const known = [state?.open?.detail, ...(state?.list.tasks ?? [])]
    const task = known.find((candidate) => candidate?.taskId === taskId)
    if (!state || !task) return
    const offered = offeredActions(task, state.capabilities).find(({ action }) => action === verb)
    if (!offered) return
    if (offered.needsConfirmation) this.asked = { verb, taskId, question: questionOf(offered, task) }
    else request(this, 'request-action', { verb, taskId })
  }

  /** @internal */
  showDialog(dialog: 'help' | 'clear-history'): void {
    if (dialog === 'help') this.helpDialog.open()
    else this.clearDialog.open()
  }

  /** @internal */
  setTheme(theme: Theme): void {
    this.theme = theme
    this.#rememberLooks()
  }

  /** @internal */
  setDensity(density: Density): void {
    this.density = density
    this.#rememberLooks()
  }

  /** @internal */
  focusSearch(): void {
    this.filterRow?.focusSearch()
  }

  /** @internal */
  moveRow(step: number): void {
    this.#table?.moveFocus(step)
  }

  /** @internal */
  togglePause(): void {
    if (this.shown?.isPaused) void this.resume()
    else this.pause()
  }

  /** @internal */
  closePanel(): boolean {
    if (!this.shown?.open) return false
    this.#store?.closeTask()
    return true
  }

  /** @internal */
  goTo(tab: DashboardState['view']['tab']): void {
    if (this.#store && this.shown?.view.tab !== tab) void this.#store.setView({ tab })
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'task-dashboard': TaskDashboard
  }
}
