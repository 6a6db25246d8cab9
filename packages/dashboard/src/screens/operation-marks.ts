import type { OperationView } from '@taskloom/protocol'
import { html, nothing } from 'lit'
import type { Formats } from '../format.ts'
import { isUnfinished } from '../operations/feed.ts'
import { statusWords } from '../operations/words.ts'

/** Where it is in its life, in a word. */
export function statusTag(operation: OperationView, now: number, formats: Formats) {
  // How many failed stands beside it in red: a red word that says done would be read twice.
  const tone = operation.status === 'failed' ? 'bad' : isUnfinished(operation) ? 'live' : ''
  return html`<span class="tag ${tone}">${statusWords(operation, now, formats)}</span>`
}

/** How far it is: what succeeded, what was passed over and what failed, as one bar and in words. */
export function progressOf(operation: OperationView, formats: Formats) {
  const { done, total, succeeded, skipped, failed, isCollected } = operation
  const { say, sayCount } = formats
  const share = (part: number): string => `inline-size:${total === 0 ? 0 : (part / total) * 100}%`
  return html`<div
      class="bar"
      role="progressbar"
      aria-label=${say('Progress')}
      aria-valuemin="0"
      aria-valuemax="100"
      aria-valuenow=${total === 0 ? 0 : Math.floor((done / total) * 100)}
    >
      <i class="succeeded" .style=${share(succeeded)}></i><i class="failed" .style=${share(failed)}></i
      ><i class="skipped" .style=${share(skipped)}></i>
    </div>
    <p class="small muted counts">
      ${
        isUnfinished(operation) || done < total
          ? html`<span
              >${isCollected ? say('{done} of {total}', { done, total }) : say('{total} found so far', { total })}</span
            >`
          : html`<span>${sayCount(total, '{n} task', '{n} tasks')}</span>`
      }
      ${failed > 0 ? html`<span class="bad">${say('{n} failed', { n: failed })}</span>` : nothing}
      ${skipped > 0 ? html`<span>${say('{n} skipped', { n: skipped })}</span>` : nothing}
    </p>`
}

/** Who asked; nobody where nobody signs in. */
export function actorWords({ actor }: OperationView, { say }: Formats): string {
  return actor === 'anonymous' ? say('not signed in') : actor.slice(0, 120)
}
