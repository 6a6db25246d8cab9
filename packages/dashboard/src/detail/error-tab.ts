import type { TaskDetail } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { splitStack } from './stack.ts'
import { clip, stackBlock } from './text-block.ts'

/** The last error: its type, its message, the stack with the host's own frames first, and `elsewhere`. */
export function errorTab(task: TaskDetail, formats: Formats, elsewhere: unknown): TemplateResult {
  const { say } = formats
  const { words, isOfStack } = wholeError(task)
  const { type, message } = splitError(words)
  const whole = task.stacktrace ?? task.error ?? ''
  const facts = [
    [say('Type'), type],
    [say('Code'), task.errorCode === type ? null : task.errorCode],
  ] as const
  const known = facts.filter(([, value]) => value !== null)
  return html`
    ${
      task.status === 'success' || task.status === 'running' || task.status === 'pending'
        ? html`<p class="warn stale">${icon('clock')}<span>${staleWords(task, formats)}</span></p>`
        : nothing
    }
    ${
      known.length > 0
        ? html`<dl class="kv">
            ${known.map(
              ([name, value]) =>
                html`<div>
                  <dt>${name}</dt>
                  <dd class="mono">${clip(value ?? '')}</dd>
                </div>`,
            )}
          </dl>`
        : nothing
    }
    <section class="sec">
      <h4>
        ${say('Message')}<span class="spacer"></span
        ><task-copy-button text=${whole} label=${say('Copy the error')}></task-copy-button>
      </h4>
      <p class="message">${clip(message, 4_000)}</p>
    </section>
    ${
      task.stacktrace === null
        ? nothing
        : html`<section class="sec">
            <h4>${say('Stack')} <small>${say('your own code first')}</small></h4>
            ${stackBlock(task.error, task.stacktrace, formats, isOfStack)}
            ${
              task.truncated.includes('stacktrace')
                ? html`<p class="note">${say('Cut by the server to fit its cap: the end is missing.')}</p>`
                : nothing
            }
          </section>`
    }
    ${elsewhere}
  `
}

/** Where the stack begins with the error, it has all of it: the error itself may be cut. */
function wholeError({ error, stacktrace }: TaskDetail): { readonly words: string; readonly isOfStack: boolean } {
  const words = error ?? ''
  const { head, appFrames, otherFrames } = splitStack(stacktrace ?? '')
  const isOfStack = appFrames.length + otherFrames.length > 0 && head !== '' && head.startsWith(words.replace(/…$/, ''))
  return { words: isOfStack ? head : words, isOfStack }
}

/** What is shown is the error of an earlier attempt. */
function staleWords({ status, attempt }: TaskDetail, { say }: Formats): string {
  if (status === 'success') return say('This is from an earlier attempt: attempt {attempt} succeeded.', { attempt })
  if (status === 'running') return say('This is from an earlier attempt: attempt {attempt} is running.', { attempt })
  return say('This is from the last attempt; the task will be tried again.')
}

/** `RangeError: too far` → its parts; a message without a type is only a message. */
function splitError(error: string): { readonly type: string | null; readonly message: string } {
  const match = /^([A-Za-z_$][\w$.]{0,80}): ([\s\S]*)$/.exec(error)
  return match ? { type: match[1] ?? null, message: match[2] ?? '' } : { type: null, message: error }
}
