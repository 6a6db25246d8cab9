import type { HeaderSource } from '@taskloom/client'
import { LitElement, type CSSResultGroup } from 'lit'
import { property, state } from 'lit/decorators.js'
import type { Theme } from '../events.ts'
import { createFormats, english, type Formats, type Translation } from '../format.ts'
import { loadTranslation } from '../host/language.ts'
import { tokens } from '../styles/tokens.ts'
import { base } from '../styles/base.ts'
import { WordsGiver } from '../words-controller.ts'
import type { LinkSettings } from './link.ts'
import { siblingStyles } from './styles.ts'

const defaultPollSeconds = 5

/** What `<task-status>`, `<task-progress>` and `<task-list>` have in common: where the server is and who asks. */
export abstract class Sibling extends LitElement {
  /** Where the server is mounted; relative to the document's base. */
  @property() src = '/tasks'
  /** A token that may be shown to this reader, sent as a bearer. It is kept nowhere and in no address. None by default. */
  @property() token: string | null = null
  /** Whether cookies go along, as for `fetch`; null is `same-origin`. */
  @property() credentials: RequestCredentials | null = null
  /** `auto` follows the page's `color-scheme`. */
  @property({ reflect: true }) theme: Theme = 'auto'
  /** BCP 47; default the browser's. */
  @property() locale: string | null = null
  /** IANA name; default the browser's. */
  @property({ attribute: 'time-zone' }) timeZone: string | null = null
  /** Seconds between polls where no stream comes; default 5. */
  @property({ type: Number, attribute: 'poll-interval' }) pollInterval: number | null = null
  /** Headers of every request, or a function that makes them anew. */
  @property({ attribute: false }) headers: HeaderSource | undefined
  /** Gives the bearer token for each request, in the place of `token`. */
  @property({ attribute: false }) getToken: (() => string | null | Promise<string | null>) | undefined
  /** Instead of the browser's `fetch`. */
  @property({ attribute: false }) fetch: typeof fetch | undefined

  /** @internal */
  @state() protected formats: Formats = createFormats()
  @state() private translation: Translation = english

  #release: (() => void) | null = null
  readonly #words = new WordsGiver(this, this.formats)
  readonly #internals = this.attachInternals()

  static override styles: CSSResultGroup = [base, tokens, siblingStyles]

  override connectedCallback(): void {
    super.connectedCallback()
    if (this.hasUpdated) this.#follow()
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback()
    this.#leave()
  }

  /** Asks the server again. */
  refresh(): void {
    if (this.isConnected && this.hasUpdated) this.#follow()
  }

  override willUpdate(changed: Map<PropertyKey, unknown>): void {
    if (changed.has('locale') || !this.hasUpdated) void this.#translate()
    if (['locale', 'timeZone', 'translation'].some((name) => changed.has(name))) {
      this.formats = createFormats(this.locale, this.timeZone, this.translation)
      this.#words.give(this.formats)
    }
  }

  override updated(changed: Map<PropertyKey, unknown>): void {
    const asked: readonly PropertyKey[] = [...whoAsksWhere, ...this.question]
    if (this.isConnected && asked.some((name) => changed.has(name))) this.#follow()
  }

  /** Properties that, when they change, ask for something else. */
  protected abstract readonly question: readonly string[]

  /** Begins to follow what is asked for; returns how to stop, null when nothing is. */
  protected abstract follow(settings: LinkSettings, pollIntervalMs: number): (() => void) | null

  /** One custom state at a time, for the page's style sheet: `task-status:state(failed)`. */
  protected showState(word: string): void {
    const { states } = this.#internals
    if (!states || states.has(word)) return
    states.clear()
    states.add(word)
  }

  protected report(name: string, detail: unknown): boolean {
    return this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true, cancelable: true }))
  }

  #follow(): void {
    this.#leave()
    const { token, headers, getToken, fetch, pollInterval } = this
    const settings: LinkSettings = {
      src: new URL(this.src, document.baseURI).href,
      credentials: this.credentials ?? undefined,
      token,
      headers,
      getToken,
      fetch,
    }
    this.#release = this.follow(settings, Math.max(1, pollInterval || defaultPollSeconds) * 1_000)
  }

  async #translate(): Promise<void> {
    const { locale } = this
    const translation = await loadTranslation(locale ? [locale] : navigator.languages)
    if (this.locale === locale) this.translation = translation
  }

  #leave(): void {
    this.#release?.()
    this.#release = null
  }
}

const whoAsksWhere = ['src', 'token', 'credentials', 'headers', 'getToken', 'fetch', 'pollInterval'] as const
