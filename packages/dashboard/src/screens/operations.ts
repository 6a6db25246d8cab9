import { canDo, canRead } from '@taskloom/client'
import { serverRoutes, type OperationPage, type OperationView } from '@taskloom/protocol'
import { html, nothing } from 'lit'
import { state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { isUnfinished } from '../operations/feed.ts'
import { filterTexts, verbIcons, verbOf } from '../operations/words.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { ClockController } from '../ticker.ts'
import { renderAnswer } from './answers.ts'
import { OperationReport } from './operation-report.ts'
import { operationStyles } from './operation-styles.ts'
import { actorWords, progressOf, statusTag } from './operation-marks.ts'
import { renderPaging, type Trail } from './paging.ts'
import { Reading } from './reading.ts'

const pageSize = 30
const whileRunningMs = 1_500

/** What was done to many tasks: who asked, to which, how far it is and what came of it. */
export class Operations extends PartElement {
  readonly #clock = new ClockController(this, () => !this.state.isPaused)
  readonly #page: Reading<OperationPage> = new Reading<OperationPage>(this, {
    ask: ({ client }, signal) => {
      const params = new URLSearchParams({ limit: String(pageSize) })
      const cursor = this.cursors.at(-1)
      if (cursor) params.set('cursor', cursor)
      return client.ask(serverRoutes.operations, { params, signal })
    },
    about: () => [this.cursors.at(-1)],
    hints: ['operations'],
    isWanted: () => this.openId === null && canRead(this.state.capabilities, 'operations'),
    everyMs: (): number | null => (this.#page.value?.operations.some(isUnfinished) ? whileRunningMs : null),
  })
  @state() private openId: string | null = null
  /** The way to the page that is shown; none for the first. */
  @state() private cursors: Trail = []

  static override styles = operationStyles

  /** Shows the report of one. */
  use(subject: unknown): void {
    this.openId = String(subject)
  }

  override updated(changed: Map<PropertyKey, unknown>) {
    if (!changed.has('openId') || changed.get('openId') === undefined) return
    const target = this.openId === null ? `[data-operation="${String(changed.get('openId'))}"] button` : '[data-back]'
    this.renderRoot.querySelector<HTMLElement>(target)?.focus()
  }

  override render() {
    const { say } = this.formats
    const { capabilities } = this.state
    if (capabilities !== null && !canRead(capabilities, 'operations')) {
      return html`<div class="card">
        <task-notice
          icon="inbox"
          heading=${say('Not offered here')}
          text=${say('This source does not work on many tasks in the background.')}
        ></task-notice>
      </div>`
    }
    if (this.openId !== null) return this.#renderReport(this.openId)
    const words = { icon: 'inbox', failed: say('The operations could not be loaded') } as const
    return renderAnswer(this.#page, this.formats, words, (page) => this.#renderPage(page))
  }

  #renderReport(operationId: string) {
    return html`<button class="btn ghost back" type="button" data-back @click=${() => (this.openId = null)}>
        ${this.formats.say('All operations')}
      </button>
      <task-operation-report .context=${this.context} .operationId=${operationId}></task-operation-report>`
  }

  #renderPage({ operations, nextCursor }: OperationPage) {
    const { say } = this.formats
    if (operations.length === 0 && this.cursors.length === 0) {
      return html`<div class="card">
        <task-notice
          icon="inbox"
          heading=${say('Nothing was done to many tasks yet')}
          text=${
            canDo(this.state.capabilities, 'bulk_retry')
              ? say('Choose tasks in a list: what is done to them appears here, with what came of it.')
              : say('What operators do to many tasks appears here, with what came of it.')
          }
        ></task-notice>
      </div>`
    }
    return html`
      <div class="card">
        <table aria-label=${say('Operations')}>
          <thead>
            <tr>
              <th scope="col" class="what">${say('What')}</th>
              <th scope="col">${say('Which tasks')}</th>
              <th scope="col" class="progress-head">${say('Progress')}</th>
              <th scope="col" class="who">${say('Who')}</th>
              <th scope="col" class="num when">${say('When')}</th>
            </tr>
          </thead>
          <tbody>
            ${repeat(
              operations,
              ({ operationId }) => operationId,
              (operation) => this.#renderRow(operation),
            )}
          </tbody>
        </table>
      </div>
      ${this.cursors.length > 0 || nextCursor !== null ? this.#renderFoot(nextCursor) : nothing}
    `
  }

  #renderRow(operation: OperationView) {
    const { formats } = this
    const { now } = this.#clock
    const { operationId, action, filter, reason, createdAt } = operation
    return html`<tr data-operation=${operationId}>
      <td class="what">
        <button class="link" type="button" @click=${() => (this.openId = operationId)}>
          ${icon(verbIcons[action] ?? 'more')}<span>${verbOf(action, formats)}</span>
        </button>
        ${statusTag(operation, now, formats)}
      </td>
      <td>
        <div class="words">
          ${filterTexts(filter, formats).map((text) => html`<span class="tag" title=${text}>${text}</span>`)}
        </div>
        ${reason === null ? nothing : html`<p class="small muted">${reason.slice(0, 300)}</p>`}
      </td>
      <td>${progressOf(operation, formats)}</td>
      <td class="muted who">${actorWords(operation, formats)}</td>
      <td class="num muted when">
        <time title=${formats.instant(createdAt)}>${formats.relative(Math.min(createdAt, now), now)}</time>
      </td>
    </tr>`
  }

  #renderFoot(nextCursor: string | null) {
    const { say } = this.formats
    const words = { back: say('Newer'), on: say('Older') }
    return renderPaging(this.cursors, nextCursor, words, (cursors) => (this.cursors = cursors))
  }
}

export const elements = { 'task-operations': Operations, 'task-operation-report': OperationReport }

declare global {
  interface HTMLElementTagNameMap {
    'task-operations': Operations
  }
}
