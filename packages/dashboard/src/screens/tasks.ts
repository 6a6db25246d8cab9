import { canRead } from '@taskloom/client'
import type { Capabilities, FunctionView } from '@taskloom/protocol'
import { html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { base, buttons, chips, tables } from '../styles/controls.ts'
import { listStyles } from './list-styles.ts'

/** The functions that are registered, how each is configured, and what its tasks did so far. */
export class Functions extends LitElement {
  @property({ attribute: false }) functions: readonly FunctionView[] = []
  @property({ attribute: false }) capabilities: Capabilities | null = null
  @property({ attribute: false }) formats!: Formats

  static override styles = [base, buttons, chips, tables, listStyles]

  override render() {
    return html`<div class="card">${this.functions.length > 0 ? this.#renderTable() : this.#renderNothing()}</div>`
  }

  #renderTable() {
    return html`<table aria-label="Functions">
      <thead>
        <tr>
          <th scope="col">Function</th>
          <th scope="col">Configuration</th>
          <th scope="col" class="num">Runs</th>
          <th scope="col" class="num">OK</th>
          <th scope="col" class="num">Average</th>
          <th scope="col" class="num">P95</th>
        </tr>
      </thead>
      <tbody>
        ${repeat(
          this.functions,
          ({ funcName }) => funcName,
          (view) => this.#renderRow(view),
        )}
      </tbody>
    </table>`
  }

  #renderRow(view: FunctionView) {
    const { stats, funcName } = view
    const show = () => request(this, 'request-view', { tab: 'view', funcNames: [funcName] })
    return html`<tr>
      <td>
        <button class="link" type="button" title="Show its tasks" @click=${show}>${funcName.slice(0, 200)}</button>
      </td>
      <td>
        <div class="words">
          ${configuration(view, this.formats).map((word) => html`<span class="tag">${word}</span>`)}
        </div>
      </td>
      <td class="num"><span class="label">Runs </span>${this.formats.count(stats.total)}</td>
      <td class="num ${stats.failed > 0 ? '' : 'muted'}">
        <span class="label">OK </span>${this.formats.percent(stats.successRate)}
        ${stats.failed > 0 ? html`<span class="small bad">${this.formats.count(stats.failed)} failed</span>` : nothing}
      </td>
      <td class="num muted"><span class="label">Avg </span>${this.formats.duration(stats.avgDurationMs)}</td>
      <td class="num muted"><span class="label">P95 </span>${this.formats.duration(stats.p95DurationMs)}</td>
    </tr>`
  }

  #renderNothing() {
    if (this.capabilities === null) return html`<task-notice icon="zap" heading="Loading functions"></task-notice>`
    const text = canRead(this.capabilities, 'functions')
      ? 'What the process defines appears here, with how it is configured.'
      : 'This source does not offer them.'
    return html`<task-notice icon="zap" heading="No functions are registered" text=${text}></task-notice>`
  }
}

/** What a function was defined with; what is usual is left out. Pure. */
export function configuration(view: FunctionView, formats: Formats): readonly string[] {
  const words: (string | null)[] = [
    `queue ${view.queue.slice(0, 60)}`,
    view.executor,
    view.retries > 0 ? retryWords(view, formats) : 'no retries',
    view.timeout === null ? null : `timeout ${formats.duration(view.timeout)}`,
    view.priority === null ? null : `priority ${view.priority}`,
    view.concurrency === null ? null : `${view.concurrency} at once`,
    view.schedule === null ? null : `schedule ${view.schedule.slice(0, 80)}`,
    view.persist ? null : 'not kept',
    view.eager ? 'eager' : null,
    view.requeueOnInterrupt ? 'requeued when interrupted' : null,
  ]
  return words.filter((word) => word !== null)
}

function retryWords({ retries, delay, backoff, maxDelay, jitter }: FunctionView, formats: Formats): string {
  const parts = [`${retries} ${retries === 1 ? 'retry' : 'retries'}`]
  if (delay > 0) parts.push(`after ${formats.duration(delay)}`)
  if (delay > 0 && backoff !== 1) parts.push(`× ${formats.count(backoff)}`)
  if (maxDelay !== null) parts.push(`up to ${formats.duration(maxDelay)}`)
  if (jitter) parts.push('jittered')
  return parts.join(' ')
}

declare global {
  interface HTMLElementTagNameMap {
    'task-functions': Functions
  }
}
