import type { Words } from '@taskloom/client'
import { html, nothing, type TemplateResult } from 'lit'
import type { Issue } from '../form/check.ts'
import { hiddenPaths } from '../form/hidden.ts'
import type { Value } from '../form/json-text.ts'
import { shortId, type Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { keepsArguments, schemaOf, type Ground } from './enqueue-dialog-ground.ts'

/** Which function it is, what it does, and what to know of it first. */
export function subjectLines(
  name: string,
  { definition, original }: Ground,
  { say }: Formats,
  onOriginal: () => void,
): TemplateResult {
  const warning = !definition
    ? say('This process does not define the function: it may refuse to enqueue it.')
    : definition.drift
      ? say('Some processes do not define this function.')
      : null
  return html`<div class="subject">
    <p>
      <strong>${name}</strong>
      ${original || definition ? html`<span class="tag">${original?.queue ?? definition?.queue}</span>` : nothing}
      ${
        original
          ? html`<button class="link mono" type="button" title=${original.taskId} @click=${onOriginal}>
              ${say('original {id}', { id: shortId(original.taskId) })}
            </button>`
          : nothing
      }
    </p>
    ${definition?.description ? html`<p class="muted">${definition.description.slice(0, 600)}</p>` : nothing}
    ${warning === null ? nothing : html`<p class="warn">${icon('alert')}<span>${warning}</span></p>`}
  </div>`
}

/** The editor of JSON, with what is to be known before and what was found wrong. */
export function jsonLines(
  ground: Ground,
  text: string,
  issues: readonly Issue[],
  formats: Formats,
  onChange: (text: string) => void,
): TemplateResult {
  const { say, tell } = formats
  const args = ground.original?.args as Value | undefined
  const isHiding = args !== undefined && hiddenPaths(args).size > 0
  const inText = issues.filter(({ path }) => !path.startsWith('options.'))
  return html`${
      schemaOf(ground)
        ? nothing
        : html`<p class="muted small">
            ${say('A list of the arguments, in their order. The function says nothing of what they are.')}
          </p>`
    }
    ${
      isHiding
        ? html`<p class="muted small">
            ${say('What is hidden stands here as *** or <redacted>: left where it is, it is kept as it is.')}
          </p>`
        : nothing
    }
    <task-json-editor
      .text=${text}
      .label=${say('Arguments as JSON')}
      .formats=${formats}
      @change-text=${(event: CustomEvent<string>) => onChange(event.detail)}
    ></task-json-editor>
    ${
      inText.length > 0
        ? html`<ul class="issues">
            ${inText.map(({ path, words }) => html`<li><code dir="ltr">${path || '[]'}</code> ${tell(words)}</li>`)}
          </ul>`
        : nothing
    }`
}

/** Of a clone, right below what it is about. */
export function diffLines(ground: Ground, value: Value, formats: Formats) {
  if (!ground.original || keepsArguments(ground)) return nothing
  return html`<section aria-labelledby="diff-name">
    <div class="bar"><h3 id="diff-name">${formats.say('What is different')}</h3></div>
    <task-value-diff .from=${ground.original.args} .to=${value} .formats=${formats}></task-value-diff>
  </section>`
}

/** What stands in the way: what the server said, or how much is to be corrected. */
export function troubleLines(
  trouble: Words | null,
  issues: readonly Issue[],
  isJson: boolean,
  { sayCount, tell }: Formats,
): TemplateResult {
  const n = issues.length
  if (!trouble && n === 0) return html`<div role="alert"></div>`
  const whole = isJson ? [] : issues.filter(({ path }) => path === '')
  const words = trouble
    ? tell(trouble).slice(0, 500)
    : sayCount(n, 'One thing is to be corrected.', '{n} things are to be corrected.')
  return html`<div class="error" role="alert">
    ${icon('alert')}<span>${words} ${whole.map((issue) => html`<br />${tell(issue.words)}`)}</span>
  </div>`
}
