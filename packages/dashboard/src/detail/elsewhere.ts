import { Task } from '@lit/task'
import { serverRoutes, type ErrorGroup } from '@taskloom/protocol'
import { css, html, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { PartElement } from '../part-element.ts'
import { base } from '../styles/controls.ts'
import { showOnly } from './narrow.ts'
import { detailStyles } from './styles.ts'
import { clip } from './text-block.ts'

/** How many other tasks failed for the same reason, as far as the server has counted, and the way to them. */
export class ErrorElsewhere extends PartElement {
  @property() taskId = ''
  @property() funcName = ''
  @property() error = ''
  #group: ErrorGroup | null = null
  readonly #read = new Task(this, {
    args: () => [this.taskId, this.funcName, this.error] as const,
    task: async ([taskId, funcName, error], { signal }) => {
      this.#group = null
      const params = new URLSearchParams({ window: '7d', func_name: funcName })
      const groups = await this.context.client.ask(serverRoutes.errors, { params, signal })
      this.#group = groups.find((group) => group.sampleTaskId === taskId || soundsAlike(group.message, error)) ?? null
    },
  })

  static override styles = [
    base,
    detailStyles,
    css`
      /* It is the first of its own tree only: another section stands above it. */
      .sec:first-child {
        margin-block-start: 18px;
        padding-block-start: 14px;
        border-block-start: 1px solid var(--td-line-2);
      }
    `,
  ]

  override render() {
    const group = this.#group
    const { say, sayCount } = this.formats
    if (!group || this.#read.status === 1) return nothing
    const others = Math.max(0, group.lastWeek - 1)
    const where = group.functions.filter((name) => name !== this.funcName)
    return html`<section class="sec">
      <h4>${say('The same error elsewhere')}</h4>
      ${
        others === 0
          ? html`<p class="muted">${say('No other task failed so within 7 days.')}</p>`
          : html`<p>
              <button class="link" type="button" @click=${() => showOnly(this, `error_group:${group.fingerprint}`)}>
                ${sayCount(others, '{n} other task', '{n} other tasks')}
              </button>
              ${say('within 7 days, {day} within a day, {hour} within an hour.', { day: group.lastDay, hour: group.lastHour })}
            </p>`
      }
      ${
        where.length > 0
          ? html`<p class="note">${say('Also in {functions}.', { functions: clip(where.join(', '), 300) })}</p>`
          : nothing
      }
    </section>`
  }
}

/** Whether two messages differ only in what differs from task to task: numbers, names in quotes, ids. */
export function soundsAlike(a: string, b: string): boolean {
  return generalOf(a) === generalOf(b)
}

function generalOf(message: string): string {
  return message
    .replace(/(["'`]).*?\1/g, '…')
    .replace(/\b[\da-f]{6,}\b/gi, '…')
    .replace(/[-+]?\d+(?:[.,:]\d+)*/g, '…')
    .replace(/\s+/g, ' ')
    .replace(/^[\w$.]+: /, '')
    .trim()
}
