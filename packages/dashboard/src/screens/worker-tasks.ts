import type { WorkerView } from '@taskloom/protocol'
import { html, nothing } from 'lit'
import { showOnly } from '../detail/narrow.ts'
import type { PartElement } from '../part-element.ts'
import { termOf } from '../search/terms.ts'
import { processName } from './fleet.ts'

/** Leads to all tasks that a process has run; nothing for an id that the search cannot say. */
export function renderTasksLink(from: PartElement, worker: WorkerView) {
  const term = termOf('worker', worker.workerId)
  if (term === null) return nothing
  return html`<button class="link" type="button" @click=${() => showOnly(from, term)}>
    ${from.context.formats.say('Show its tasks')}<span class="unseen"> ${processName(worker)}</span>
  </button>`
}
