import { isTerminal, type TaskProgress } from '@taskloom/protocol'
import { css, html, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { statusWord } from '../elements/status-badge.ts'
import { directionOf } from '../host/language.ts'
import { ClockController } from '../ticker.ts'
import { remainingMs, roundedMs } from './pace.ts'
import { Sibling } from './sibling.ts'
import { TaskElement } from './task-element.ts'

/** Screen readers hear of the beginning, the quarters and the end. */
const spokenStep = 25
const maxMessageLength = 300

/**
 * `<task-progress src="/tasks" task-id="…" label="Import">`: how far one task is, with its own words and a guess of how
 * long it still takes.
 *
 * @fires {CustomEvent} task-change - something new is known of the task
 * @fires {CustomEvent} task-end - the task has ended
 * @fires {CustomEvent} task-error - the server refuses, does not know the task, or is not there
 * @slot - the label, in the place of the attribute
 * @slot pending - shown below the bar while the task waits
 * @slot running - shown while it runs, for a button that calls it off
 * @slot success - shown once it has succeeded, for a link to the result
 * @slot failed - shown once it has failed
 * @slot interrupted - shown once it was interrupted
 * @slot cancelled - shown once it was called off
 * @slot unknown - shown in a status that this version does not know
 * @slot problem - shown when there is nothing to show of the task
 * @csspart root - everything
 * @csspart label - what is going on
 * @csspart value - the percentage, or the status
 * @csspart track - the groove of the bar
 * @csspart bar - the filled part
 * @csspart message - what the task says, or why it failed
 * @csspart eta - how long it still takes
 * @csspart problem - the words when there is nothing to show of the task
 * @csspart stale - the mark that what is shown may be old
 */
export class TaskProgressElement extends TaskElement {
  /** What is going on, before the percentage. Without it the bar is named by its status. */
  @property() label = ''

  readonly #clock = new ClockController(this, () => this.view.pace.length > 1)

  static override styles = [
    Sibling.styles,
    css`
      .root {
        display: grid;
        gap: 6px;
        min-inline-size: 0;
      }
      .line {
        display: flex;
        align-items: baseline;
        justify-content: space-between;
        gap: 12px;
        min-inline-size: 0;
      }
      .middle {
        align-items: center;
      }
      .label {
        min-inline-size: 0;
        overflow-wrap: anywhere;
        font-weight: 520;
      }
      .value {
        flex: none;
        color: var(--td-text-2);
      }
      .track {
        block-size: 6px;
        border-radius: 3px;
        background: var(--td-line);
        overflow: hidden;
      }
      .bar {
        block-size: 100%;
        border-radius: inherit;
        background: var(--td-running);
        transition: inline-size 200ms ease-out;
      }
      .success .bar {
        background: var(--td-success);
      }
      .failed .bar {
        background: var(--td-failed);
      }
      .interrupted .bar {
        background: var(--td-interrupted);
      }
      .cancelled .bar,
      .pending .bar {
        background: var(--td-cancelled);
      }
      .success .value {
        color: var(--td-success);
      }
      .failed .value {
        color: var(--td-failed);
      }
      .interrupted .value {
        color: var(--td-interrupted);
      }
      .indefinite .bar {
        inline-size: 32%;
        animation: sweep 1.4s ease-in-out infinite alternate;
      }
      @keyframes sweep {
        to {
          margin-inline-start: 68%;
        }
      }
      .foot {
        min-block-size: 20px;
        font-size: 12px;
        color: var(--td-text-2);
      }
      .message {
        min-inline-size: 0;
        overflow-wrap: anywhere;
        display: -webkit-box;
        -webkit-box-orient: vertical;
        -webkit-line-clamp: 3;
        overflow: hidden;
      }
      .failed .message {
        color: var(--td-failed);
      }
      .eta {
        flex: none;
      }
      @media (prefers-reduced-motion: reduce) {
        .bar {
          transition: none;
        }
        .indefinite .bar {
          animation: none;
          inline-size: 100%;
          opacity: 0.4;
        }
      }
      @media (forced-colors: active) {
        .track {
          border: 1px solid CanvasText;
        }
        .bar {
          background: Highlight !important;
        }
      }
    `,
  ]

  override render() {
    const { task } = this.view
    const problem = this.renderProblem()
    const { language } = this.formats
    const dir = directionOf(language)
    if (problem) {
      return html`<div class="root" part="root" dir=${dir} lang=${language}>
        <div class="line middle">${this.#renderLabel()}<span class="value" role="status">${problem}</span></div>
        ${this.renderSlot()}
      </div>`
    }
    const percent = task && percentOf(task)
    const isIndefinite = task?.status === 'running' && percent === null
    return html`<div
      class="root ${classOf(task)} ${isIndefinite ? 'indefinite' : ''}"
      part="root"
      dir=${dir}
      lang=${language}
    >
      <div class="line">
        ${this.#renderLabel()}<span class="value" part="value">${this.#valueWords(task, percent)}</span>
      </div>
      <div
        class="track"
        part="track"
        role="progressbar"
        aria-labelledby=${this.#hasLabel ? 'label' : nothing}
        aria-label=${this.#hasLabel ? nothing : this.formats.say('Progress')}
        aria-valuemin="0"
        aria-valuemax="100"
        aria-valuenow=${percent === null ? nothing : Math.round(percent)}
        aria-valuetext=${this.#valueWords(task, percent) || this.formats.say('Loading')}
        aria-busy=${task ? 'false' : 'true'}
      >
        <div class="bar" part="bar" .style=${isIndefinite ? '' : `inline-size:${percent ?? 0}%`}></div>
      </div>
      <div class="line foot">
        <span class="message" part="message">${messageOf(task)}</span>
        ${this.renderStale()}<span class="eta" part="eta">${this.#etaWords(task)}</span>
      </div>
      ${this.renderSlot()}
      <span class="unseen" role="status">${this.#spokenWords(task, percent)}</span>
    </div>`
  }

  get #hasLabel(): boolean {
    const own = [...this.childNodes].filter((node) => !(node instanceof Element && node.slot))
    return this.label !== '' || own.some((node) => node.textContent?.trim())
  }

  #renderLabel() {
    return html`<span class="label" id="label" part="label"><slot>${this.label}</slot></span>`
  }

  #valueWords(task: TaskProgress | null, percent: number | null): string {
    if (!task) return ''
    if (task.status === 'running' && percent !== null) return this.formats.percent(Math.floor(percent) / 100)
    return this.formats.say(statusWord(task.status))
  }

  #etaWords(task: TaskProgress | null): string {
    if (task?.status !== 'running') return ''
    const ms = remainingMs(this.view.pace, this.#clock.now)
    if (ms === null) return ''
    const { say, duration } = this.formats
    if (ms < 5_000) return say('a few seconds left')
    return say('about {time} left', {
      time: duration(roundedMs(ms))
        .replace(/(\d)[.,]0(?=\D)/, '$1')
        .replace(/ 0\w$/, ''),
    })
  }

  #spokenWords(task: TaskProgress | null, percent: number | null): string {
    if (!task) return ''
    if (task.status !== 'running' || percent === null) return this.formats.say(statusWord(task.status))
    return this.formats.percent((Math.floor(percent / spokenStep) * spokenStep) / 100)
  }
}

/** What was said is bounded; what succeeded is whole, whatever it said last. */
function percentOf({ status, progress }: TaskProgress): number | null {
  if (status === 'success') return 100
  const percent = progress?.percent ?? null
  if (percent === null) return status === 'running' ? null : isTerminal(status) ? 100 : 0
  return Math.max(0, Math.min(100, percent))
}

function messageOf(task: TaskProgress | null): string {
  const words = (task && isTerminal(task.status) && task.error) || task?.progress?.message || ''
  return words.slice(0, maxMessageLength)
}

function classOf(task: TaskProgress | null): string {
  return task && /^[a-z]+$/.test(task.status) ? task.status : ''
}

declare global {
  interface HTMLElementTagNameMap {
    'task-progress': TaskProgressElement
  }
}
