import type { Drift, Health } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'

const namedMost = 20

/** Which checks fail, where one does. */
export function renderHealth(health: Health | null, { say }: Formats): TemplateResult | typeof nothing {
  if (health === null || health.status === 'ok') return nothing
  const failing = health.checks.filter(({ status }) => status !== 'ok').slice(0, namedMost)
  const isDown = health.status === 'down'
  return html`<div class=${isDown ? 'error' : 'warn'} role="status">
    ${icon('alert')}
    <div>
      <b>${isDown ? say('Something does not work') : say('Something works badly')}</b>
      ${failing.map(({ name, detail }) => html`<p>${detail ? say('{check}: {why}', { check: name, why: detail.slice(0, 300) }) : name}</p>`)}
    </div>
  </div>`
}

/** Live processes of several versions. */
export function renderSkew(versions: readonly string[], { say }: Formats): TemplateResult | typeof nothing {
  if (versions.length < 2) return nothing
  return html`<div class="warn" role="status">
    ${icon('alert')}<span
      >${say('Processes of different versions run side by side: {versions}. That is fine while you deploy.', {
        versions: versions.slice(0, 5).join(', '),
      })}</span
    >
  </div>`
}

/** Functions with tasks that nobody would run, and those that only some processes define. */
export function renderDrift(drift: Drift | null, formats: Formats): TemplateResult | typeof nothing {
  const { say, sayCount } = formats
  const waiting = drift?.unregistered.filter(({ pending, running }) => pending + running > 0) ?? []
  const partial = drift?.partial ?? []
  if (!drift || waiting.length + partial.length === 0) return nothing
  return html`<details class="warn drift">
    <summary>
      ${icon('alert')}<span>
        ${
          waiting.length > 0
            ? sayCount(
                waiting.length,
                'Tasks of {n} function wait that no process defines.',
                'Tasks of {n} functions wait that no process defines.',
              )
            : sayCount(
                partial.length,
                '{n} function is defined by some processes only.',
                '{n} functions are defined by some processes only.',
              )
        }</span
      ><span class="caret">${icon('down')}</span>
    </summary>
    <ul>
      ${waiting.slice(0, namedMost).map(
        ({ funcName, pending, queues }) =>
          html`<li>
            ${sayCount(pending, '{function}: {n} waits in {queues}', '{function}: {n} wait in {queues}', {
              function: funcName.slice(0, 120),
              queues: queues.slice(0, 5).join(', '),
            })}
          </li>`,
      )}
      ${partial.slice(0, namedMost).map(
        ({ funcName, workers, missing }) =>
          html`<li>
            ${say('{function}: {n} of {total} processes define it', {
              function: funcName.slice(0, 120),
              n: workers.length,
              total: workers.length + missing.length,
            })}
          </li>`,
      )}
    </ul>
  </details>`
}
