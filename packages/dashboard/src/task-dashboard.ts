import {
  type Client,
  type DashboardState,
  type DashboardStore,
  type HeaderSource,
  type SavedViews,
  type ViewQuery,
} from '@taskloom/client'
import { html, LitElement, nothing } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import type { FilterRow } from './elements/filter-row.ts'
import type { ColumnOptions } from './elements/columns.ts'
import type { TaskFormatters } from './detail/formatters.ts'
import type { TaskTable } from './elements/task-table.ts'
import { type Density, type DialogName, type TaskVerb, type Theme } from './events.ts'
import { createFormats, english, type Formats, type Translation } from './format.ts'
import type { HostPanel } from './host-panel.ts'
import { readDensity, readTab, readTabs, readTheme } from './host/attributes.ts'
import { DialogsController } from './host/dialogs.ts'
import { FirstDraw } from './host/first-draw.ts'
import { intend } from './host/intend.ts'
import { directionOf, loadTranslation } from './host/language.ts'
import { readLooks, writeLooks, type Looks } from './host/looks.ts'
import { takeGivenRows } from './host/given-rows.ts'
import { renderBody } from './host/body.ts'
import { saveFile } from './host/save-file.ts'
import { renderHead } from './host/head.ts'
import { PlacesController } from './host/places.ts'
import { reportChanges, report } from './host/reports.ts'
import { answerRequests } from './host/requests.ts'
import { capabilitiesToRead } from './host/selections.ts'
import { listenToKeys } from './host/shortcuts.ts'
import { openStore } from './host/store.ts'
import type { Transport } from './host/transport.ts'
import { ViewsKeeper } from './host/views.ts'
import { hostStyles } from './host/styles.ts'
import type { Given, OfferedView } from './host/given.ts'
import { prefetchTools, renderToasts, useTool } from './host/tools.ts'
import type { PartContext } from './part-element.ts'
import { PartsController, type PartName } from './parts.ts'
import { base, buttons, inputs, tables } from './styles/controls.ts'
import { tokens } from './styles/tokens.ts'
import { WordsGiver } from './words-controller.ts'

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
  /** `off` leaves every key to the page. */
  @property() shortcuts: string | null = null
  /** Hides everything that changes something. */
  @property({ type: Boolean }) readonly = false
  /** Rows of a page, 1–500; default 30. */
  @property({ type: Number, attribute: 'page-size' }) pageSize: number | null = null
  /** 1–6; the level of the title in the page's outline. Default 2. */
  @property({ type: Number, attribute: 'heading-level' }) headingLevel = 2
  /** Seconds between polls where no stream comes; default 30. */
  @property({ type: Number, attribute: 'poll-interval' }) pollInterval: number | null = null
  /** How changes come: `sse` (the default), `ws`, or `poll`, which asks every `poll-interval`. */
  @property() transport: Transport | null = null
  /** Keeps the view and the open task in the page's fragment. */
  @property({ type: Boolean, attribute: 'url-state' }) urlState = false
  /** Whether cookies go along, as for `fetch`; null is `same-origin`. */
  @property() credentials: RequestCredentials | null = null
  /** The id of an element of the document with the first rows, as the server writes it into its own page; read once. */
  @property({ attribute: 'first-rows' }) firstRows: string | null = null
  /** Heading; default what the server calls itself. */
  @property() override title = ''
  /** Headers of every request, or a function that makes them anew. */
  @property({ attribute: false }) headers: HeaderSource | undefined
  /** Gives a bearer token for each request, at once or later; null sends none. */
  @property({ attribute: false }) getToken: (() => string | null | Promise<string | null>) | undefined
  /** Instead of the browser's `fetch`. */
  @property({ attribute: false }) fetch: typeof fetch | undefined
  /** Tabs of your own, drawn in the browser; see `HostPanel`. None by default. */
  @property({ attribute: false }) panels: readonly HostPanel[] = []

  /** Which columns the rows have, in which order, and the page's own ones. */
  @property({ attribute: false }) columns: ColumnOptions = {}
  /** What the page says of the tasks of a function, by the function's name; `*` is for all others. */
  @property({ attribute: false }) formatters: TaskFormatters = {}
  /** Views that are offered to everybody, beside those that each operator saves. */
  @property({ attribute: false }) views: readonly OfferedView[] = []

  @state() private looks: Looks = readLooks()
  @state() private shown: DashboardState | null = null
  @state() private formats: Formats = createFormats()
  @state() private panelWidth = 456
  @query('task-filter-row') private readonly filterRow!: FilterRow | null
  @state() private translation: Translation = english

  #store: DashboardStore | null = null
  #client: Client | null = null
  readonly #words = new WordsGiver(this, this.formats)
  readonly #parts = new PartsController(this)
  /** What the formats were made for. */
  #clock = ''
  readonly #views = new ViewsKeeper()
  readonly #places = new PlacesController(this)
  readonly #dialogs = new DialogsController(this, this.#parts)
  readonly #first = new FirstDraw(this)
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
    this.looks = readLooks()
    this.theme = this.looks.theme ?? readTheme(this.theme)
    this.density = this.looks.density ?? readDensity(this.density)
    this.panelWidth = this.looks.panelWidth ?? this.panelWidth
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
    if (file) saveFile(file.name, file.blob)
  }

  override willUpdate(changed: Map<PropertyKey, unknown>) {
    // Asked before anything is drawn: the answer comes while the page does.
    const isOther = ['src', 'headers', 'getToken', 'fetch', 'credentials', 'pollInterval', 'transport'].some((name) =>
      changed.has(name),
    )
    if (isOther && this.isConnected) this.#start()
    if (changed.has('locale')) void this.#translate()
    const { timeZone, isAbsolute, hours } = this.looks
    const clock = [timeZone ?? this.timeZone, isAbsolute, hours].join()
    if (['locale', 'translation'].some((name) => changed.has(name)) || clock !== this.#clock) {
      this.#clock = clock
      this.formats = createFormats(this.locale, timeZone ?? this.timeZone, this.translation, this.looks)
      this.#words.give(this.formats)
    }
  }

  override updated(changed: Map<PropertyKey, unknown>) {
    if (changed.has('tab') && !changed.has('src') && readTab(this.tab)) this.goTo(readTab(this.tab) ?? 'view')
    prefetchTools(this.#parts, this.shown)
  }

  override render() {
    const state = this.shown && this.#visible(this.shown)
    const context = state && this.#contextOf(state)
    const { language } = this.formats
    const drawn = this.#first.next(this.shown?.list.phase === 'loading')
    if (drawn === 'nothing') return nothing
    return html`
      <div title="" part="root" lang=${language} dir=${directionOf(language)}>
        ${renderHead(this, state, this.formats, this.#parts, context, drawn)}
        ${context ? renderBody(this.#parts, context, readTabs(this.tabs), this.panelWidth, drawn) : nothing}
        ${drawn === 'all' ? renderToasts(this.#parts, context, this.formats) : nothing}
        ${context ? this.#dialogs.render(context) : nothing}
      </div>
    `
  }

  #visible(state: DashboardState): DashboardState {
    return this.readonly ? { ...state, capabilities: capabilitiesToRead(state) } : state
  }

  #start(): void {
    this.#stop()
    const place = this.#places.read()
    const tab = readTab(this.tab)
    const { client, store } = openStore({
      src: this.src,
      headers: this.headers,
      getToken: this.getToken,
      transport: this.transport,
      fetch: this.fetch,
      credentials: this.credentials ?? undefined,
      given: takeGivenRows(this.firstRows),
      drawn: () => this.#first.done,
      pollIntervalMs: this.pollInterval === null ? undefined : Math.max(1, this.pollInterval) * 1_000,
      view: (src) => ({
        ...this.#firstView(src),
        ...(tab ? { tab } : {}),
        ...(this.pageSize ? { pageSize: this.pageSize } : {}),
        ...place.view,
      }),
    })
    this.#store = store
    this.#client = client
    void store.start()
    place.open(store)
    this.#show(store.state, true)
    store.subscribe((next) => this.#show(next))
  }

  /** Null while there is nobody to ask. */
  #contextOf(state: DashboardState): PartContext | null {
    const { formats, panels } = this
    return this.#client && { state, formats, client: this.#client, given: this.#given, panels }
  }

  get #given(): Given {
    const { columns, formatters, views, looks, urlState } = this
    return { columns, formatters, views, looks, saved: this.#views.saved, hasLinks: urlState }
  }

  #firstView(src: string): Partial<ViewQuery> {
    this.#views.open(src)
    return this.#views.first(this.views)
  }

  async #translate(): Promise<void> {
    const { locale } = this
    const translation = await loadTranslation(locale ? [locale] : navigator.languages)
    if (this.locale === locale) this.translation = translation
  }

  #stop(): void {
    this.#store?.stop()
    this.#store = null
  }

  #show(next: DashboardState, isFirst = false): void {
    const before = this.shown
    this.shown = next
    this.#places.write(isFirst ? null : before, next)
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

  readonly #onResize = (event: Event): void => {
    event.stopPropagation()
    this.panelWidth = (event as CustomEvent<{ readonly width: number }>).detail.width
    this.setLooks({ panelWidth: this.panelWidth })
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
    if (state) intend(this, state, verb, taskId)
  }

  /** @internal */
  showDialog(name: DialogName, subject: unknown = null): void {
    void this.#dialogs.open(name, subject)
  }

  /** @internal */
  async useTool(name: PartName, subject: unknown): Promise<void> {
    await useTool(this, this.#parts, name, subject)
  }

  /** @internal */
  setLooks(changes: Partial<Looks>): void {
    this.looks = { ...this.looks, ...changes }
    if (changes.theme) this.theme = changes.theme
    if (changes.density) this.density = changes.density
    writeLooks(this.looks)
  }

  /** @internal */
  saveViews(views: SavedViews): void {
    this.#views.save(views)
    this.requestUpdate()
  }

  /** @internal */
  signOut(): void {
    this.#start()
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
