import { Task, TaskStatus } from '@lit/task'
import { toProblem } from '@taskloom/client'
import { serverRoutes, type AuditLogEntry } from '@taskloom/protocol'
import { html, nothing } from 'lit'
import { property, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import { problemWords, shortId } from '../format.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { base, buttons } from '../styles/controls.ts'
import { auditWord } from './audit-words.ts'
import { detailStyles } from './styles.ts'
import { clip } from './text-block.ts'

const pageSize = '50'

/** What people did with one task: who, what, when and why, the latest first. */
export class TaskAudit extends PartElement {
  @property() taskId = ''
  @state() private entries: readonly AuditLogEntry[] | null = null
  @state() private nextCursor: string | null = null
  @state() private isLoadingMore = false
  readonly #read = new Task(this, {
    args: () => [this.taskId, this.state.hints.audit] as const,
    task: async ([taskId], { signal }) => {
      const page = await this.#ask(taskId, null, signal)
      this.entries = page.entries
      this.nextCursor = page.nextCursor
    },
  })

  static override styles = [base, buttons, detailStyles]

  override willUpdate(changed: Map<PropertyKey, unknown>) {
    if (changed.has('taskId')) this.entries = this.nextCursor = null
  }

  override render() {
    const { say } = this.formats
    const { entries } = this
    if (entries === null) {
      if (this.#read.status !== TaskStatus.ERROR) {
        return html`<div class="skeleton" role="status" aria-label=${say('Loading')}>
          ${Array.from({ length: 4 }, () => html`<i></i>`)}
        </div>`
      }
      return html`<task-notice
        icon="alert"
        tone="bad"
        heading=${say('The audit log could not be read')}
        text=${problemWords(toProblem(this.#read.error))}
      >
        <button class="btn" type="button" @click=${() => void this.#read.run()}>${say('Try again')}</button>
      </task-notice>`
    }
    if (entries.length === 0) {
      return html`<task-notice
        icon="lock"
        heading=${say('Nobody has done anything with this task')}
        text=${say('Who retries, cancels, deletes or reveals it is written down here.')}
      ></task-notice>`
    }
    return html`<ol class="deeds" aria-label=${say('What was done with this task')}>
        ${entries.map((entry) => this.#renderEntry(entry))}
      </ol>
      ${
        this.nextCursor === null
          ? nothing
          : html`<button class="btn" type="button" ?disabled=${this.isLoadingMore} @click=${this.#more}>
              ${say('Show earlier ones')}
            </button>`
      }`
  }

  #renderEntry({
    seq,
    at,
    actor,
    role,
    address,
    action,
    outcome,
    reason,
    code,
    affected,
    affectedCount,
  }: AuditLogEntry) {
    const { say, sayCount, instant, relative } = this.formats
    const other = affected.find((id) => id !== this.taskId)
    const who = [role, address].filter(Boolean).join(' · ')
    return html`<li class=${outcome === 'ok' ? '' : 'bad-deed'} data-seq=${seq}>
      <div class="deed">
        ${outcome === 'ok' ? nothing : icon('ban')}
        <b>${auditWord(action, this.formats)}</b>
        ${outcome === 'denied' ? html`<span class="bad">${say('denied')}</span>` : nothing}
        ${outcome === 'failed' ? html`<span class="bad">${say('failed')}</span>` : nothing}
        <span>${say('by {name}', { name: clip(actor, 120) })}</span>
        ${who === '' ? nothing : html`<span class="faint">${clip(who, 120)}</span>`}
        <span class="spacer"></span>
        <time class="faint" title=${instant(at)}>${relative(Math.min(at, Date.now()), Date.now())}</time>
      </div>
      ${reason === null ? nothing : html`<p class="reason"><bdi>${clip(reason, 600)}</bdi></p>`}
      ${code === null ? nothing : html`<p class="note mono">${clip(code)}</p>`}
      ${
        other === undefined || affectedCount > 2
          ? affectedCount > 1
            ? html`<p class="note">${sayCount(affectedCount, 'with {n} task', 'with {n} tasks at once')}</p>`
            : nothing
          : html`<p class="note">
              ${say('with')}
              <button
                class="link mono"
                type="button"
                title=${other}
                @click=${() => request(this, 'request-open', { taskId: other })}
              >
                ${shortId(other)}
              </button>
            </p>`
      }
    </li>`
  }

  readonly #more = async (): Promise<void> => {
    const { taskId, nextCursor } = this
    this.isLoadingMore = true
    try {
      const page = await this.#ask(taskId, nextCursor)
      if (this.taskId !== taskId) return
      this.entries = [...(this.entries ?? []), ...page.entries]
      this.nextCursor = page.nextCursor
    } catch {
      // The button stays: another click asks once more.
    } finally {
      this.isLoadingMore = false
    }
  }

  #ask(taskId: string, cursor: string | null, signal?: AbortSignal) {
    const params = new URLSearchParams({ task_id: taskId, limit: pageSize })
    if (cursor !== null) params.set('cursor', cursor)
    return this.context.client.ask(serverRoutes.audit, { params, signal })
  }
}
