import type { Problem } from '@taskloom/protocol'
import { css, html, nothing, type TemplateResult } from 'lit'
import { problemWords, type Formats } from '../format.ts'
import { icon, type IconName } from '../icons.ts'

/** An answer as far as it is known; a `Reading` is one. */
export interface Answer<T> {
  readonly value: T | null
  readonly problem: Problem | null
  readonly answeredAt: number | null
  again(): void
}

/** What stands in the place of an answer that has not come. */
export interface AnswerWords {
  readonly icon: IconName
  /** What is said where it failed. */
  readonly failed: string
}

/** Rows to come, why they do not, or what came; above it what holds if it is not new any more. */
export function renderAnswer<T>(
  reading: Answer<T>,
  formats: Formats,
  words: AnswerWords,
  draw: (value: T) => unknown,
): unknown {
  const { value, problem } = reading
  if (value !== null) return html`${renderAge(reading, formats)}${draw(value)}`
  return problem ? renderProblem(reading, formats, words) : renderRowsToCome(formats)
}

/** Placeholders of rows. */
export function renderRowsToCome(formats: Formats): TemplateResult {
  return html`<div class="card rows-to-come" role="status" aria-label=${formats.say('Loading')}>
    ${Array.from({ length: 6 }, () => html`<i></i>`)}
  </div>`
}

/** From when an answer is, while nothing newer comes; nothing while it is new. */
export function renderAge<T>(reading: Answer<T>, formats: Formats): TemplateResult | typeof nothing {
  if (reading.value === null || reading.problem === null) return nothing
  const at = formats.time(reading.answeredAt ?? 0)
  return html`<p class="warn old" role="status">
    ${icon('alert')}<span
      >${formats.say('As of {time}; nothing newer came: {problem}', { time: at, problem: problemWords(reading.problem) })}</span
    >
    <button class="btn" type="button" @click=${() => reading.again()}>${formats.say('Try again')}</button>
  </p>`
}

function renderProblem<T>(reading: Answer<T>, formats: Formats, words: AnswerWords): TemplateResult {
  const { problem } = reading
  const { say } = formats
  if (problem?.status === 403) {
    return html`<div class="card">
      <task-notice
        icon="lock"
        heading=${say('This is not for you to see')}
        text=${say('Who signed you in lets you see some tasks only, or nothing of this kind.')}
      ></task-notice>
    </div>`
  }
  if (problem?.status === 501 || problem?.status === 404) {
    return html`<div class="card">
      <task-notice
        icon=${words.icon}
        heading=${say('Not offered here')}
        text=${say('What this dashboard looks at does not tell of it.')}
      ></task-notice>
    </div>`
  }
  return html`<div class="card">
    <task-notice icon="alert" tone="bad" heading=${words.failed} text=${problemWords(problem)}>
      <button class="btn" type="button" @click=${() => reading.again()}>${say('Try again')}</button>
    </task-notice>
  </div>`
}

/** For `renderAnswer`. */
export const answerStyles = css`
  .rows-to-come {
    display: grid;
    overflow: hidden;
  }
  .rows-to-come i {
    block-size: 52px;
    border-block-end: 1px solid var(--td-line-2);
    background: linear-gradient(var(--td-line-2) 0 0) 14px 50% / 34% 8px no-repeat;
  }
  .rows-to-come i:nth-child(even) {
    background-size: 46% 8px;
  }
  .rows-to-come i:last-child {
    border: 0;
  }
  .warn {
    margin-block-end: 12px;
  }
  .old {
    align-items: center;
  }
  .old svg {
    margin: 0;
  }
  .old .btn {
    margin-inline-start: auto;
  }
`
