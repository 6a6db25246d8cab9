import { canDo, canRead, filterWords, toTaskFilter, type ViewQuery } from '@taskloom/client'
import { serverRoutes, type ErrorGroup } from '@taskloom/protocol'
import { css, html, nothing } from 'lit'
import { state } from 'lit/decorators.js'
import { ConfirmDialog, type ConfirmQuestion, type ConfirmResult } from '../elements/confirm-dialog.ts'
import { request } from '../events.ts'
import { problemWords } from '../format.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { seldom } from '../seldom.ts'
import { base, buttons, chips, inputs, tables } from '../styles/controls.ts'
import { answerStyles, renderAnswer } from './answers.ts'
import { groupIn, withGroup } from './error-group.ts'
import { ErrorMatrix } from './error-matrix.ts'
import { PointerOn } from './pointer-on.ts'
import { Reading } from './reading.ts'

const windows = ['1h', '6h', '24h', '7d', 'all'] as const
type Window = (typeof windows)[number]
const everyMs = 15_000

/**
 * Tasks that gave up: choose a window, see why they did, replay what was selected, all of one error or all of the window. The
 * rows stand below it; while it is `pending` they are not shown, so that the kinds of failure never push them down.
 */
export class DeadLetters extends PartElement {
  @state() private question: ConfirmQuestion | null = null
  @state() private isGrouped = true
  readonly #pointer = new PointerOn(this)
  readonly #groups: Reading<readonly ErrorGroup[]> = new Reading<readonly ErrorGroup[]>(this, {
    ask: ({ client }, signal) => client.ask(serverRoutes.errors, { signal }),
    about: () => [this.state.isPaused ? null : this.state.failedTotal],
    hints: ['operations'],
    everyMs: () => everyMs,
    isWanted: () => this.#isMatrixShown,
  })

  static override styles = [
    base,
    buttons,
    chips,
    inputs,
    tables,
    answerStyles,
    css`
      .bar {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        padding-block: 12px;
      }
      .bar > .muted {
        min-block-size: 20px;
      }
      .pick {
        position: relative;
        padding: 0;
      }
      .pick select {
        appearance: none;
        block-size: 30px;
        padding-inline: 32px 30px;
        border: 0;
        border-radius: inherit;
        background: none;
        outline: 0;
        cursor: pointer;
      }
      .pick option {
        background: var(--td-raised);
      }
      .pick svg {
        position: absolute;
        inset-inline-start: 10px;
        pointer-events: none;
      }
      .pick svg:last-child {
        inset-inline: auto 10px;
        color: var(--td-text-3);
      }
      .pick:focus-within {
        outline: 2px solid var(--td-focus);
        outline-offset: 1px;
      }
      .rows-to-come i {
        block-size: var(--td-row);
      }
      .rows-to-come,
      task-error-matrix {
        margin-block-end: 12px;
      }
      .skeleton {
        min-block-size: 240px;
        background: repeating-linear-gradient(var(--td-surface) 0 37px, var(--td-line-2) 37px 38px);
      }
      @container (max-width: 700px) {
        .bar > .btn {
          flex: 1 1 140px;
        }
        .bar > label.btn {
          justify-content: flex-start;
        }
        .pick select {
          inline-size: 100%;
        }
        .bar > .muted {
          flex: 1 1 100%;
          order: 1;
        }
        .spacer {
          display: none;
        }
      }
    `,
  ]

  override willUpdate(): void {
    const { value, problem } = this.#groups
    this.toggleAttribute('pending', this.#isMatrixShown && value === null && problem === null)
  }

  override render() {
    const { list } = this.state
    return html`
      ${this.#renderBar()} ${this.#isMatrixShown ? this.#renderMatrix() : nothing}
      ${list.tasks.length > 0 || this.hasAttribute('pending') ? nothing : html`<div class="card">${this.#renderNothing()}</div>`}
      <task-confirm-dialog .question=${this.question} @confirm-result=${this.#onAnswer}></task-confirm-dialog>
    `
  }

  #renderBar() {
    const { say } = this.formats
    return html`<div class="bar">
      <span class="btn tall pick"
        >${icon('clock')}<select aria-label=${say('Window')} @change=${this.#onWindow}>
          ${windows.map((value) => html`<option value=${value} ?selected=${value === this.#window}>${this.#wordOf(value)}</option>`)}
          ${this.#window === null ? html`<option value="" selected>${say('Chosen times')}</option>` : nothing}</select
        >${icon('down')}</span
      >
      ${this.#renderReplay()} ${this.#renderNarrowed()}
      <span class="muted" aria-hidden="true">${this.#countWords}</span>
      <span class="unseen" role="status">${seldom(this.#countWords)}</span>
      <span class="spacer"></span>
      ${
        this.#hasGroups
          ? html`<label class="btn tall ghost"
              ><input
                type="checkbox"
                .checked=${this.isGrouped}
                @change=${() => (this.isGrouped = !this.isGrouped)}
              />${say('Group by error')}</label
            >`
          : nothing
      }
      <button
        class="btn tall"
        type="button"
        ?disabled=${this.state.list.total === 0}
        @click=${() => request(this, 'request-export')}
      >
        ${icon('download')}${say('CSV')}
      </button>
    </div>`
  }

  #renderMatrix() {
    const words = { icon: 'alert', failed: this.formats.say('The kinds of failure could not be loaded') } as const
    return renderAnswer(
      this.#groups,
      this.formats,
      words,
      (groups) =>
        html`<task-error-matrix
          .context=${this.context}
          .groups=${groups}
          .isHeld=${this.#pointer.isOn}
          .again=${this.#again}
        ></task-error-matrix>`,
    )
  }

  readonly #again = (): void => this.#groups.again()

  get #hasGroups(): boolean {
    return canRead(this.state.capabilities, 'errors')
  }

  get #isMatrixShown(): boolean {
    return this.#hasGroups && this.isGrouped
  }

  /** The window as the protocol writes it; null for fixed instants or a window that is not among ours. */
  get #window(): Window | null {
    const { range } = this.state.view
    if (range.kind === 'all') return 'all'
    return (range.kind === 'window' && windows.find((value) => value === range.window)) || null
  }

  #wordOf(window: Window): string {
    const { say } = this.formats
    switch (window) {
      case '1h':
        return say('Last hour')
      case '6h':
        return say('Last 6 hours')
      case '24h':
        return say('Last 24 hours')
      case '7d':
        return say('Last 7 days')
      case 'all':
        return say('All time')
    }
  }

  get #isNarrowed(): boolean {
    const { funcNames, queues, search } = this.state.view
    return funcNames.length > 0 || queues.length > 0 || search.trim() !== ''
  }

  get #hasOperations(): boolean {
    return canRead(this.state.capabilities, 'operations')
  }

  get #countWords(): string {
    const { phase, tasks, total, totalIsCapped } = this.state.list
    const { say, sayCount } = this.formats
    if (phase === 'loading' && tasks.length === 0) return ''
    if (totalIsCapped) return say('more than {n} dead letters', { n: total })
    return sayCount(total, '{n} dead letter', '{n} dead letters')
  }

  /** Where there are no operations, a replay knows windows alone: rows narrowed further would promise less. */
  #renderReplay() {
    const { list, capabilities, busyActions } = this.state
    const { say } = this.formats
    if (!canDo(capabilities, 'bulk_retry')) return nothing
    if (!this.#hasOperations && (this.#window === null || this.#isNarrowed)) return nothing
    const isBusy = ['retry-failed', 'retry:bulk'].some((key) => busyActions.has(key))
    return html`<button
      class="btn tall ink"
      type="button"
      ?disabled=${list.total === 0 || isBusy}
      @click=${this.#hasOperations ? this.#askCounted : this.#ask}
    >
      ${icon('retry')}${this.#isNarrowed ? say('Replay these…') : say('Replay window…')}
    </button>`
  }

  #renderNarrowed() {
    if (!this.#isNarrowed) return nothing
    const { say } = this.formats
    const { view } = this.state
    const isOneGroup = groupIn(view.search) !== null
    return html`<button
      class="btn tall"
      type="button"
      @click=${() => request(this, 'request-view', isOneGroup ? { search: withGroup(view.search, null) } : withoutOthers)}
    >
      ${icon('close')}${isOneGroup ? say('All errors') : say('Clear the other filters')}
    </button>`
  }

  #renderNothing() {
    const { phase, problem } = this.state.list
    const { say } = this.formats
    if (phase === 'loading') {
      return html`<div class="skeleton" role="status" aria-label=${say('Loading dead letters')}></div>`
    }
    if (phase === 'failed') {
      return html`<task-notice
        icon="alert"
        tone="bad"
        heading=${say('The dead letters could not be loaded')}
        text=${problemWords(problem)}
      >
        <button class="btn" type="button" @click=${() => request(this, 'request-refresh')}>${say('Try again')}</button>
      </task-notice>`
    }
    if (this.#window === 'all' && !this.#isNarrowed) {
      return html`<task-notice
        icon="check"
        heading=${say('No dead letters')}
        text=${say('Everything that failed was retried or went through.')}
      ></task-notice>`
    }
    return html`<task-notice
      icon="search"
      heading=${this.#isNarrowed ? say('None of these') : say('None in this window')}
      text=${say('{n} of all time.', { n: this.state.failedTotal })}
    ></task-notice>`
  }

  readonly #onWindow = (event: Event): void => {
    const window = (event.target as HTMLSelectElement).value
    if (window === '') return
    request(this, 'request-view', { range: window === 'all' ? { kind: 'all' } : { kind: 'window', window } })
  }

  readonly #askCounted = (): void => {
    const filter = filterWords(toTaskFilter(this.state.view, Date.now()))
    request(this, 'request-dialog', { dialog: 'bulk', subject: { action: 'retry', target: { filter }, shownIds: [] } })
  }

  readonly #ask = (): void => {
    const { say, sayCount } = this.formats
    const { total } = this.state.list
    this.question = {
      heading: sayCount(total, 'Replay {n} task?', 'Replay {n} tasks?'),
      text: say(
        'Every dead letter of “{window}” is enqueued again as a new task. Those that were already retried are left out.',
        { window: this.#wordOf(this.#window ?? 'all') },
      ),
      warning: total > 100 ? say('So many at once may strain what they depend on.') : null,
      word: say('Replay'),
      isDanger: false,
      asksReason: false,
    }
  }

  readonly #onAnswer = (event: CustomEvent<ConfirmResult>): void => {
    event.stopPropagation()
    this.question = null
    if (event.detail.isConfirmed && this.#window !== null)
      request(this, 'request-retry-failed', { since: this.#window })
  }
}

const withoutOthers: Partial<ViewQuery> = { funcNames: [], queues: [], search: '' }

export const elements = {
  'task-confirm-dialog': ConfirmDialog,
  'task-dead-letters': DeadLetters,
  'task-error-matrix': ErrorMatrix,
}

declare global {
  interface HTMLElementTagNameMap {
    'task-dead-letters': DeadLetters
  }
}
