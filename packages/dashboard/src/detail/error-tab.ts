import type { TaskDetail } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { clip, stackBlock } from './text-block.ts'

/** The last error: its type, its message, the stack with the host's own frames first. */
export function errorTab(task: TaskDetail): TemplateResult {
  const { type, message } = splitError(task.error ?? '')
  const whole = task.stacktrace ?? task.error ?? ''
  return html`
    <dl class="kv">
      ${
        type
          ? html`<div>
              <dt>Type</dt>
              <dd class="mono">${type}</dd>
            </div>`
          : nothing
      }
      ${
        task.errorCode
          ? html`<div>
              <dt>Code</dt>
              <dd class="mono">${clip(task.errorCode)}</dd>
            </div>`
          : nothing
      }
    </dl>
    <section class="sec">
      <h4>Message<span class="spacer"></span><task-copy-button text=${whole} label="Copy error"></task-copy-button></h4>
      <p class="message">${clip(message, 4_000)}</p>
    </section>
    ${
      task.stacktrace === null
        ? nothing
        : html`<section class="sec">
            <h4>Stack</h4>
            ${stackBlock(task.error, task.stacktrace)}
            ${task.truncated.includes('stacktrace') ? html`<p class="note">Cut by the server to fit its cap.</p>` : nothing}
          </section>`
    }
  `
}

/** `RangeError: too far` → its parts; a message without a type is only a message. */
function splitError(error: string): { readonly type: string | null; readonly message: string } {
  const match = /^([A-Za-z_$][\w$.]{0,80}): ([\s\S]*)$/.exec(error)
  return match ? { type: match[1] ?? null, message: match[2] ?? '' } : { type: null, message: error }
}
