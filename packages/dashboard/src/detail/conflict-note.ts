import { shortId } from '@taskloom/client'
import { html, nothing } from 'lit'
import { request } from '../events.ts'
import { icon } from '../icons.ts'
import type { PartContext } from '../part-element.ts'
import { clip } from './text-block.ts'

/** Why the last command on a task was refused, and the way to what is in its way; until somebody dismisses it or acts again. */
export function conflictNote(taskId: string, { state, formats }: PartContext) {
  const conflict = state.conflicts.get(taskId)
  if (!conflict) return nothing
  const { say, tell } = formats
  const open = (event: Event) =>
    conflict.taskId && request(event.currentTarget as EventTarget, 'request-open', { taskId: conflict.taskId })
  const dismiss = (event: Event) => request(event.currentTarget as EventTarget, 'request-dismiss-conflict', { taskId })
  return html`<div class="warn conflict">
    ${icon('alert')}
    <p>${clip(tell(conflict))}</p>
    ${
      conflict.taskId === null
        ? nothing
        : html`<button class="link" type="button" @click=${open}>
            ${say('Open what is in the way')}<span class="unseen"> ${shortId(conflict.taskId)}</span>
          </button>`
    }
    <button class="btn ghost icon" type="button" aria-label=${say('Dismiss')} @click=${dismiss}>
      ${icon('close')}
    </button>
  </div>`
}
