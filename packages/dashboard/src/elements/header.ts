import type { Connection, WordTable } from '@taskloom/client'
import { css, html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { request, type Density, type Theme } from '../events.ts'
import { problemWords, type Formats } from '../format.ts'
import { heading } from './heading.ts'
import { icon } from '../icons.ts'
import { base, buttons, chips, inputs, menus } from '../styles/controls.ts'

const themeWords = { auto: 'As the page', light: 'Light', dark: 'Dark' } satisfies WordTable
const densityWords = { compact: 'Compact', normal: 'Normal', comfortable: 'Comfortable' } satisfies WordTable

/** Title, environment, the state of the connection with Pause, and the menu of how things look. */
export class Header extends LitElement {
  @property() heading = ''
  @property() environment: string | null = null
  @property({ attribute: false }) connection: Connection | null = null
  @property({ type: Boolean }) isPaused = false
  @property({ type: Number }) heldCount = 0
  @property({ type: Boolean }) heldIsCapped = false
  @property({ type: Number }) dataAt: number | null = null
  @property({ type: Number }) headingLevel = 2
  @property() theme: Theme = 'auto'
  @property() density: Density = 'normal'
  @property({ attribute: false }) formats!: Formats

  static override styles = [
    base,
    buttons,
    chips,
    inputs,
    menus,
    css`
      :host {
        container-type: inline-size;
        margin-block-end: 14px;
      }
      .header {
        display: flex;
        align-items: center;
        gap: 10px;
        min-block-size: 32px;
      }
      .title {
        display: flex;
        align-items: center;
        gap: 10px;
        min-inline-size: 0;
      }
      :is(h1, h2, h3, h4, h5, h6) {
        margin: 0;
        font-size: 17px;
        line-height: 24px;
        font-weight: 620;
        letter-spacing: -0.012em;
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .tag {
        flex: none;
        max-inline-size: 140px;
      }
      .state {
        display: flex;
        align-items: center;
        gap: 7px;
        color: var(--td-text-2);
        white-space: nowrap;
      }
      .dot {
        inline-size: 7px;
        block-size: 7px;
        margin: 3px;
        border-radius: 50%;
        flex: none;
        background: var(--dot);
        box-shadow: 0 0 0 3px color-mix(in srgb, var(--dot) 18%, transparent);
      }
      .good {
        --dot: var(--td-success);
      }
      .calm {
        --dot: var(--td-pending);
      }
      .waiting {
        --dot: var(--td-interrupted);
      }
      .broken {
        --dot: var(--td-failed);
      }
      .held {
        color: var(--td-text);
        font-weight: 540;
      }
      @container (max-width: 700px) {
        :is(h1, h2, h3, h4, h5, h6) {
          font-size: 16px;
        }
        .tag,
        .pause .word,
        .theme {
          display: none;
        }
        .pause {
          inline-size: 28px;
          padding: 0;
        }
      }
      @container (max-width: 420px) {
        .header {
          flex-wrap: wrap;
          row-gap: 0;
        }
        .title {
          flex: 1 1 0;
        }
        .spacer {
          display: none;
        }
        .state {
          order: 1;
          inline-size: 100%;
        }
      }
    `,
  ]

  override render() {
    const { say } = this.formats
    const verb = this.isPaused ? say('Resume') : say('Pause')
    return html`
      <div class="header" part="header">
        <div class="title">
          <slot name="title">${heading(this.headingLevel, this.heading)}</slot>
          ${this.environment ? html`<span class="tag" part="environment">${this.environment}</span>` : nothing}
        </div>
        <span class="spacer"></span>
        ${this.#renderState()}
        <button
          class="btn pause"
          part="pause"
          type="button"
          title=${this.isPaused ? say('Resume live updates (p)') : say('Pause live updates (p)')}
          aria-label=${verb}
          @click=${() => request(this, 'request-pause', { isPaused: !this.isPaused })}
        >
          ${icon(this.isPaused ? 'play' : 'pause')}<span class="word">${verb}</span>
        </button>
        <slot name="toolbar"></slot>
        <button
          class="btn ghost icon theme"
          type="button"
          aria-label=${say('Switch theme')}
          title=${say('Switch theme')}
          @click=${this.#flip}
        >
          ${icon(this.#looksDark() ? 'sun' : 'moon')}
        </button>
        ${this.#renderMenu()}
      </div>
    `
  }

  #renderState() {
    const { say } = this.formats
    const { tone, words } = this.#describeConnection()
    return html`
      <span class="state ${tone}" part="connection" title=${problemWords(this.connection?.problem)}>
        <i class="dot"></i><span role="status">${words}</span>
        ${
          this.isPaused && this.heldCount > 0
            ? html`<span class="held">${say(this.heldIsCapped ? '{n}+ new' : '{n} new', { n: this.heldCount })}</span>`
            : nothing
        }
      </span>
    `
  }

  #describeConnection(): { tone: string; words: string } {
    const { say } = this.formats
    const since = this.dataAt ?? this.connection?.since
    switch (this.connection?.kind) {
      case 'live':
        return this.isPaused ? { tone: 'calm', words: say('Paused') } : { tone: 'good', words: say('Live') }
      case 'reconnecting':
        return { tone: 'waiting', words: say('Reconnecting…') }
      case 'polling':
        return this.isPaused ? { tone: 'calm', words: say('Paused') } : { tone: 'waiting', words: say('Polling') }
      case 'offline':
        return {
          tone: 'broken',
          words: since ? say('Offline since {time}', { time: this.formats.axis(since, 0) }) : say('Offline'),
        }
      case 'unauthenticated':
        return { tone: 'broken', words: say('Signed out') }
      case 'forbidden':
        return { tone: 'broken', words: say('No access') }
      case 'hidden':
        return { tone: 'calm', words: say('Asleep') }
      default:
        return { tone: 'calm', words: this.isPaused ? say('Paused') : say('Connecting…') }
    }
  }

  #renderMenu() {
    const { say } = this.formats
    return html`
      <task-menu label=${say('View options')} icon-only look="ghost">
        <span slot="label">${icon('more')}</span>
        <div class="menu" @change=${this.#onChoice}>
          <slot name="account"></slot>
          ${choices('theme', say('Theme'), themeWords, this.theme, say)}
          <hr />
          ${choices('density', say('Rows'), densityWords, this.density, say)}
          <hr />
          <button class="item" type="button" @click=${() => request(this, 'request-dialog', { dialog: 'clock' })}>
            ${icon('clock')}<span>${say('Time zone and clock…')}</span>
          </button>
          <button class="item" type="button" @click=${() => request(this, 'request-refresh')}>
            ${icon('refresh')}<span>${say('Refresh now')}</span>
          </button>
          <button class="item" type="button" @click=${() => request(this, 'request-dialog', { dialog: 'help' })}>
            ${icon('keyboard')}<span>${say('Keyboard shortcuts')}</span><span class="n"><kbd>?</kbd></span>
          </button>
        </div>
      </task-menu>
    `
  }

  readonly #onChoice = (event: Event): void => {
    const { name, value } = event.target as HTMLInputElement
    if (name === 'theme') request(this, 'request-theme', { theme: value as Theme })
    if (name === 'density') request(this, 'request-density', { density: value as Density })
  }

  readonly #flip = (): void => request(this, 'request-theme', { theme: this.#looksDark() ? 'light' : 'dark' })

  #looksDark(): boolean {
    if (this.theme !== 'auto') return this.theme === 'dark'
    const scheme = this.isConnected ? getComputedStyle(this).colorScheme : ''
    if (scheme.includes('dark') && scheme.includes('light')) return matchMedia('(prefers-color-scheme: dark)').matches
    return scheme.includes('dark')
  }
}

function choices(
  name: string,
  title: string,
  words: Readonly<Record<string, string>>,
  chosen: string,
  say: Formats['say'],
) {
  return html`
    <div role="radiogroup" aria-label=${title}>
      <h3>${title}</h3>
      ${Object.entries(words).map(
        ([value, word]) => html`
          <label class="item">
            <input type="radio" name=${name} .value=${value} .checked=${value === chosen} /><span>${say(word)}</span>
          </label>
        `,
      )}
    </div>
  `
}
