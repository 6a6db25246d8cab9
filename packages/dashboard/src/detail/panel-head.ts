import { canDo, type OfferedAction, type OpenTask } from '@taskloom/client'
import type { TaskDetail } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import type { Menu } from '../elements/menu.ts'
import { request, type TaskVerb } from '../events.ts'
import type { Formats } from '../format.ts'
import { linkTo } from '../host/address.ts'
import { icon } from '../icons.ts'
import type { PartContext } from '../part-element.ts'
import { actionIcons, actionWords } from './action-words.ts'
import { conflictNote } from './conflict-note.ts'
import { clip } from './text-block.ts'

/** What the head of the panel shows beside the tabs. */
export interface HeadView {
  readonly open: OpenTask
  readonly offered: readonly OfferedAction[]
  readonly isBusy: boolean
  readonly context: PartContext
}

/** Who the task is, what may be done with it, and `tabs`. */
export function panelHead(task: TaskDetail, view: HeadView, tabs: TemplateResult): TemplateResult {
  const { open, context } = view
  const { say } = context.formats
  const isGone = open.phase === 'deleted'
  return html`
    <header class="head">
      <div class="who">
        <task-status-badge status=${task.status}></task-status-badge>
        ${isGone ? nothing : html`<div class="line acts">${actions(task, view)}</div>`} ${closeButton(context.formats)}
        <div class="line names">
          <h3>${clip(task.funcName)}</h3>
          <span class="tag" title=${say('Queue')}>${clip(task.queue, 60)}</span>
          ${Object.entries(task.tags)
            .slice(0, 3)
            .map(
              ([key, value]) =>
                html`<span class="tag" title="${clip(key)}: ${clip(value)}"
                  >${clip(key, 40)}: ${clip(value, 60)}</span
                >`,
            )}
        </div>
        <div class="line id mono faint">
          <span>${task.taskId}</span
          ><task-copy-button text=${task.taskId} label=${say('Copy the id')}></task-copy-button>
        </div>
        ${steps(view)}
        ${
          isGone
            ? html`<p class="warn gone" role="status">
                ${icon('trash')}<span>${say('This task was deleted. What you see is the last that was known.')}</span>
              </p>`
            : nothing
        }
      </div>
      ${conflictNote(task.taskId, context)} ${tabs}
    </header>
  `
}

/** The head while nothing is known of the task but its id. */
export function plainHead(view: HeadView): TemplateResult {
  return html`<header class="head">
    <div class="who">
      <span class="line id mono faint"><span>${clip(view.open.taskId, 60)}</span></span>
      ${steps(view)} ${closeButton(view.context.formats)}
    </div>
  </header>`
}

/** The task that many rows further down; null where it is not among the rows, or there is none. */
export function neighbour({ taskId }: OpenTask, { state }: PartContext, by: number): string | null {
  const { tasks } = state.list
  const at = tasks.findIndex((task) => task.taskId === taskId)
  return at < 0 ? null : (tasks[at + by]?.taskId ?? null)
}

function actions(task: TaskDetail, { open, offered, isBusy, context }: HeadView) {
  const { say } = context.formats
  const { taskId } = task
  const shown = offered.filter(({ action }) => action !== 'delete')
  const intend = (event: Event, verb: TaskVerb) =>
    request(event.currentTarget as EventTarget, 'request-intent', { verb, taskId })
  const remove = (event: Event) => {
    ;(event.currentTarget as HTMLElement).closest<Menu>('task-menu')?.close()
    intend(event, 'delete')
  }
  return html`
    ${shown.map(
      ({ action, warning }) =>
        html`<button
          class="btn"
          type="button"
          data-action=${action}
          ?disabled=${isBusy}
          title=${warning ? say(warning) : ''}
          @click=${(event: Event) => intend(event, action)}
        >
          ${icon(actionIcons[action])}${say(actionWords[action])}
        </button>`,
    )}
    ${
      canDo(context.state.capabilities, 'enqueue')
        ? html`<button
            class="btn"
            type="button"
            data-action="clone"
            @click=${(event: Event) =>
              request(event.currentTarget as EventTarget, 'request-dialog', {
                dialog: 'enqueue',
                subject: { clonedFrom: taskId },
              })}
          >
            ${icon('copy')}${say('Clone…')}
          </button>`
        : nothing
    }
    <task-copy-button
      class="boxed"
      icon="link"
      text=${linkTo(taskId, open.tab)}
      label=${say('Copy the link')}
    ></task-copy-button>
    ${
      task.status === 'pending' && canDo(context.state.capabilities, 'move')
        ? html`<button
            class="btn"
            type="button"
            data-action="move"
            @click=${(event: Event) =>
              request(event.currentTarget as EventTarget, 'request-dialog', { dialog: 'move', subject: { task } })}
          >
            ${icon('sortUp')}${say('Move…')}
          </button>`
        : nothing
    }
    ${
      offered.length > shown.length
        ? html`<task-menu label=${say('More')} icon-only>
            <span slot="label">${icon('more')}</span>
            <div class="menu">
              <button class="item bad" type="button" data-action="delete" ?disabled=${isBusy} @click=${remove}>
                ${icon('trash')}<span>${say('Delete…')}</span>
              </button>
            </div>
          </task-menu>`
        : nothing
    }
  `
}

/** To the tasks above and below in the rows; nothing where it is not among them. */
function steps({ open, context }: HeadView) {
  const { say } = context.formats
  if (neighbour(open, context, 1) === null && neighbour(open, context, -1) === null) return nothing
  const step = (by: number, label: string, key: string) => {
    const taskId = neighbour(open, context, by)
    const go = (event: Event) => {
      if (taskId !== null) request(event.currentTarget as EventTarget, 'request-open', { taskId, tab: open.tab })
    }
    return html`<button
      class="btn ghost icon step ${by < 0 ? 'up' : ''}"
      type="button"
      aria-label=${label}
      title="${label} (${key})"
      aria-disabled=${taskId === null ? 'true' : 'false'}
      @click=${go}
    >
      ${icon('down')}
    </button>`
  }
  return html`<span class="steps-pair">${step(-1, say('Previous task'), 'K')}${step(1, say('Next task'), 'J')}</span>`
}

function closeButton({ say }: Formats) {
  return html`<button
    class="btn ghost icon close"
    type="button"
    aria-label=${say('Close')}
    title="${say('Close')} (Esc)"
    @click=${(event: Event) => request(event.currentTarget as EventTarget, 'request-close')}
  >
    ${icon('close')}
  </button>`
}
