import type { Drift } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { request } from '../../events.ts'
import type { Formats } from '../../format.ts'
import { icon } from '../../icons.ts'

const shownMost = 20

/** What is wrong between the functions that are defined and the tasks that there are; nothing where nothing is. */
export function driftNotes(drift: Drift | null, formats: Formats): TemplateResult | typeof nothing {
  if (!drift || drift.unregistered.length + drift.partial.length === 0) return nothing
  const { say, sayCount, count } = formats
  const show = (event: Event, funcName: string) =>
    request(event.currentTarget as EventTarget, 'request-view', { tab: 'view', funcNames: [funcName] })
  return html`<section class="drift" aria-label=${say('Warnings')}>
    ${drift.unregistered.slice(0, shownMost).map(
      ({ funcName, pending, running, recent }) =>
        html`<p class="warn" data-drift="unregistered">
          ${icon('alert')}<span
            ><button class="link" type="button" @click=${(event: Event) => show(event, funcName)}>
              ${funcName.slice(0, 200)}
            </button>
            ${say('has tasks, and no process defines it.')}
            ${pending > 0 ? sayCount(pending, '{n} waits until one does.', '{n} wait until one does.') : nothing}
            ${running > 0 ? say('{n} are said to run.', { n: count(running) }) : nothing}
            ${pending + running === 0 ? say('{n} within seven days.', { n: count(recent) }) : nothing}</span
          >
        </p>`,
    )}
    ${drift.partial.slice(0, shownMost).map(
      ({ funcName, workers, missing }) =>
        html`<p class="warn" data-drift="partial">
          ${icon('alert')}<span
            ><b>${funcName.slice(0, 200)}</b> ${say(
              'is defined by {some} of {all} processes: those of another version may not run it.',
              {
                some: count(workers.length),
                all: count(workers.length + missing.length),
              },
            )}</span
          >
        </p>`,
    )}
  </section>`
}
