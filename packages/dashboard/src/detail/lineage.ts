import { Task } from '@lit/task'
import { serverRoutes, type Lineage as LineageAnswer } from '@taskloom/protocol'
import { css, html, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { request } from '../events.ts'
import { shortId } from '../format.ts'
import { PartElement } from '../part-element.ts'
import { base } from '../styles/controls.ts'
import { lineageTree, type LineageNode } from './lineage-tree.ts'
import { detailStyles } from './styles.ts'

/** Where a task comes from and what came of it: what was retried, and its retries, as a tree. */
export class Lineage extends PartElement {
  @property() taskId = ''
  @property() parentId: string | null = null
  @property({ attribute: false }) childIds: readonly string[] = []
  /** Another text whenever the tree may be another. */
  @property() news = ''
  /** What is known until the server has told more, and where it cannot. */
  #answer: LineageAnswer & { readonly of: string } = { of: '', tasks: [], truncated: false }
  readonly #read = new Task(this, {
    args: () => [this.taskId, this.news] as const,
    task: async ([taskId], { signal }) => {
      const answer = await this.context.client.ask(serverRoutes.lineage, { at: { task_id: taskId }, signal })
      this.#answer = { of: taskId, ...answer }
    },
  })

  static override styles = [
    base,
    detailStyles,
    css`
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 2px 8px;
        min-block-size: 30px;
        padding-inline: calc(var(--level) * 16px) 4px;
        border-block-end: 1px solid var(--td-line-2);
      }
      li:last-child {
        border: 0;
      }
      [aria-current] {
        background: var(--td-sunken);
      }
      /* The elbow that leads from what was retried to its retry. */
      .retry::before {
        content: '';
        inline-size: 6px;
        block-size: 10px;
        margin-block-start: -8px;
        border: 0 solid var(--td-text-3);
        border-block-end-width: 1px;
        border-inline-start-width: 1px;
        border-end-start-radius: 3px;
      }
      @container (max-width: 400px) {
        li > .muted,
        [aria-current] > span.faint {
          display: none;
        }
      }
    `,
  ]

  override render() {
    const { say } = this.formats
    const { of, tasks, truncated } = this.#answer
    const nodes = lineageTree(of === this.taskId ? tasks : [], this)
    return html`
      <h4 aria-busy=${this.#read.status === 1 ? 'true' : 'false'}>
        ${say('Lineage')} <small>${say('what was retried, and as what')}</small>
      </h4>
      <ul class="lineage">
        ${nodes.map((node) => this.#renderNode(node))}
      </ul>
      ${truncated ? html`<p class="note">${say('There are more; these are the nearest.')}</p>` : nothing}
    `
  }

  #renderNode({ taskId, task, level }: LineageNode) {
    const { say } = this.formats
    const isThis = taskId === this.taskId
    const name = shortId(taskId)
    return html`<li
      class=${level > 1 ? 'retry' : ''}
      .style=${`--level:${Math.min(level, 8) - 1}`}
      aria-current=${isThis ? 'true' : nothing}
    >
      <span class="unseen">${say('Level {level}', { level })}</span>
      ${task ? html`<task-status-badge status=${task.status}></task-status-badge>` : nothing}
      ${
        isThis
          ? html`<span class="mono">${name}</span> <span class="faint">${say('this one')}</span>`
          : html`<button
              class="link mono"
              type="button"
              title=${taskId}
              @click=${() => request(this, 'request-open', { taskId })}
            >
              ${name}
            </button>`
      }
      ${
        task
          ? html`<span class="spacer"></span>
              <span class="muted">${this.formats.duration(task.durationMs)}</span>
              <time class="faint" title=${this.formats.instant(task.createdAt)}
                >${this.formats.time(task.createdAt)}</time
              >`
          : nothing
      }
    </li>`
  }
}
