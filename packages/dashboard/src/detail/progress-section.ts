import type { TaskDetail } from '@taskloom/protocol'
import { html, nothing } from 'lit'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { progressView, type ProgressStep } from './progress.ts'
import { clip } from './text-block.ts'

/** How far a running task is: a bar, its words, its steps, and how much longer it takes if it goes on so. */
export function progressSection(task: TaskDetail, formats: Formats, now: number) {
  const view = progressView(task, now)
  if (!view) return nothing
  const { say, count } = formats
  const { percent } = view
  const counted =
    view.count &&
    (view.count.total === null
      ? count(view.count.current)
      : say('{current} of {total}', { current: view.count.current, total: view.count.total }))
  const left =
    view.leftMs === null ? null : say('about {duration} left', { duration: formats.duration(roundMs(view.leftMs)) })
  const words = [counted, left].filter(Boolean).join(' · ')
  return html`<section class="sec">
    <h4>
      ${say('Progress')}${percent === null ? nothing : html` <b>${formats.percent(Math.round(percent) / 100)}</b>`}
      <small>${words}</small>
    </h4>
    <span
      class="progress ${percent === null ? 'unknown' : ''}"
      role="progressbar"
      aria-label=${say('Progress')}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${percent === null ? nothing : Math.round(percent)}
      ><i .style=${percent === null ? '' : `inline-size:${percent}%`}></i
    ></span>
    ${view.message === null ? nothing : html`<p class="note">${clip(view.message, 1_000)}</p>`}
    ${view.steps.length > 0 ? stepList(view.steps, formats) : nothing}
    ${
      view.rest === null
        ? nothing
        : html`<task-json-tree
            .value=${view.rest}
            label=${say('More on the progress')}
            .formats=${formats}
          ></task-json-tree>`
    }
  </section>`
}

function stepList(steps: readonly ProgressStep[], { say }: Formats) {
  const words = { done: say('done'), now: say('goes on'), ahead: say('to come') }
  return html`<ol class="steps">
    ${steps.map(
      ({ name, state }) =>
        html`<li class=${state} aria-current=${state === 'now' ? 'step' : nothing}>
          ${icon(state === 'done' ? 'check' : state === 'now' ? 'running' : 'clock')}<span>${name}</span
          ><span class="unseen">, ${words[state]}</span>
        </li>`,
    )}
  </ol>`
}

/** A guess need not look like a measurement. */
function roundMs(ms: number): number {
  if (ms < 10_000) return Math.ceil(ms / 1_000) * 1_000
  return ms < 60_000 ? Math.ceil(ms / 5_000) * 5_000 : Math.ceil(ms / 60_000) * 60_000
}
