import { routes, type PanelView } from '@taskloom/protocol'
import { html, nothing } from 'lit'
import { state } from 'lit/decorators.js'
import type { HostPanel } from '../host-panel.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { renderAnswer } from './answers.ts'
import { renderBlock } from './panel-blocks.ts'
import { panelStyles } from './panel-styles.ts'
import { Reading } from './reading.ts'
import { screenStyles } from './screen-styles.ts'

const paces = [0, 10, 30, 60] as const

/** A panel of the host: what its server says, drawn from data alone, or what its page draws itself. */
export class Panel extends PartElement {
  /** Seconds between two looks; 0 for none. */
  @state() private pace = 30
  readonly #view: Reading<PanelView> = new Reading(this, {
    about: () => [this.#id],
    isWanted: () => this.#id !== '' && this.#own === null,
    everyMs: () => (this.pace === 0 ? null : this.pace * 1_000),
    ask: ({ client }, signal) => client.ask(routes.panel, { at: { id: this.#id }, signal }),
  })

  static override styles = [...screenStyles, panelStyles]

  override render() {
    const own = this.#own
    if (own) return this.#renderOwn(own)
    const { say } = this.formats
    const view = this.#view.value?.id === this.#id ? this.#view.value : null
    return html`<div class="bar">
        <label class="pace"
          ><span>${say('Refresh')}</span
          ><select class="text" @change=${this.#onPace}>
            ${paces.map((pace) => html`<option value=${pace} ?selected=${pace === this.pace}>${this.#paceWords(pace)}</option>`)}
          </select></label
        >
        <button class="btn tall" type="button" @click=${() => this.#view.again()}>
          ${icon('refresh')}${say('Refresh now')}
        </button>
        <span class="muted" role="status"
          >${view && this.#view.answeredAt ? say('As of {time}', { time: this.formats.time(this.#view.answeredAt) }) : nothing}</span
        >
      </div>
      ${this.#renderTold(view)}`
  }

  #renderTold(view: PanelView | null) {
    const { say } = this.formats
    const isLate = this.#view.problem?.status === 503
    const failed = isLate ? say('This panel did not come in time') : say('This panel failed')
    const told = {
      value: view,
      problem: this.#view.problem,
      answeredAt: this.#view.answeredAt,
      again: () => this.#view.again(),
    }
    return renderAnswer(told, this.formats, { icon: 'inbox', failed }, ({ blocks, title }) =>
      blocks.length === 0
        ? html`<div class="card">
            <task-notice icon="inbox" heading=${say('There is nothing in this panel')}></task-notice>
          </div>`
        : blocks.map((block, index) =>
            renderBlock(block, say('{title}, part {n}', { title, n: index + 1 }), this.formats),
          ),
    )
  }

  #renderOwn(panel: HostPanel) {
    const { state, formats, client } = this.context
    try {
      return html`<div class="own">${panel.render({ state, formats, client })}</div>`
    } catch (error) {
      const text = error instanceof Error ? error.message : ''
      return html`<div class="card">
        <task-notice icon="alert" tone="bad" heading=${formats.say('This panel failed')} text=${text}></task-notice>
      </div>`
    }
  }

  get #id(): string {
    const { tab } = this.state.view
    return tab.startsWith('panel:') ? tab.slice('panel:'.length) : ''
  }

  get #own(): HostPanel | null {
    return this.context.panels.find(({ id }) => id === this.#id) ?? null
  }

  #paceWords(pace: number): string {
    const { say } = this.formats
    return pace === 0 ? say('by hand') : say('every {n} s', { n: pace })
  }

  readonly #onPace = (event: Event): void => {
    this.pace = Number((event.target as HTMLSelectElement).value)
    this.#view.again()
  }
}

export const elements = { 'task-panel': Panel }

declare global {
  interface HTMLElementTagNameMap {
    'task-panel': Panel
  }
}
