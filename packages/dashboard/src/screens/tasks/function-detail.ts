import { Task } from '@lit/task'
import { toProblem, type Client } from '@taskloom/client'
import { serverRoutes, type FunctionEntry, type JsonSchema } from '@taskloom/protocol'
import { css, html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { request } from '../../events.ts'
import { kindWords } from '../../form/words.ts'
import { readField, type Field } from '../../form/schema.ts'
import { problemWords, type Formats } from '../../format.ts'
import { icon } from '../../icons.ts'
import { base, buttons, keyValues } from '../../styles/controls.ts'

/** What there is to know of one function below its row. */
export class FunctionDetails extends LitElement {
  @property({ attribute: false }) view!: FunctionEntry
  @property({ attribute: false }) client!: Client
  @property({ attribute: false }) formats!: Formats

  readonly #load = new Task(this, {
    args: () => [this.view.funcName] as const,
    task: ([name], { signal }) => this.client.ask(serverRoutes.function, { at: { name }, signal }),
  })

  static override styles = [
    base,
    buttons,
    keyValues,
    css`
      :host {
        display: grid;
        gap: 14px;
        padding: 4px 0 8px;
        white-space: normal;
      }
      .head {
        font-size: 12px;
        line-height: 16px;
        font-weight: 560;
        margin-block-end: 6px;
      }
      .ways {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
      }
      .args {
        display: grid;
        gap: 4px;
      }
      .args li {
        display: flex;
        flex-wrap: wrap;
        gap: 2px 8px;
        overflow-wrap: anywhere;
      }
    `,
  ]

  override render() {
    const { say, duration, count } = this.formats
    const { stats, funcName } = this.view
    const facts: readonly (readonly [string, string])[] = [
      ['P50', duration(stats.p50DurationMs)],
      ['P95', duration(stats.p95DurationMs)],
      ['P99', duration(stats.p99DurationMs)],
      [say('Shortest'), duration(stats.minDurationMs)],
      [say('Longest'), duration(stats.maxDurationMs)],
      [say('Wait'), duration(stats.avgWaitMs)],
      [say('Wait, P95'), duration(stats.p95WaitMs)],
      [say('Waiting'), count(stats.pending)],
      [say('Running'), count(stats.running)],
    ]
    return html`<dl class="kv">
        ${facts.map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>
      <section>
        <p class="head">${say('Arguments')}</p>
        ${this.#renderArguments()}
      </section>
      <div class="ways">
        <button
          class="btn"
          type="button"
          @click=${() => request(this, 'request-view', { tab: 'view', funcNames: [funcName] })}
        >
          ${say('Its tasks')}
        </button>
        ${
          stats.failed > 0
            ? html`<button
                class="btn"
                type="button"
                data-failures
                @click=${() => request(this, 'request-view', { tab: 'view', funcNames: [funcName], statuses: ['failed'] })}
              >
                ${icon('alert')}${say('Its failures')}
              </button>`
            : nothing
        }
        <button
          class="btn"
          type="button"
          @click=${() => request(this, 'request-view', { tab: 'metrics', funcNames: [funcName] })}
        >
          ${say('How durations are spread')}
        </button>
      </div>`
  }

  #renderArguments() {
    const { say } = this.formats
    return this.#load.render({
      pending: () => html`<p class="faint">${say('Loading')}</p>`,
      error: (error) => html`<p class="faint">${problemWords(toProblem(error))}</p>`,
      complete: ({ argsSchema }) => {
        const schema =
          typeof argsSchema === 'object' && !Array.isArray(argsSchema) ? (argsSchema as JsonSchema | null) : null
        if (!schema) return html`<p class="muted">${say('The function says nothing of what they are.')}</p>`
        return html`<ul class="args">
          ${linesOf(readField(schema, schema), say('Argument'))
            .slice(0, 30)
            .map(
              ({ name, field, isRequired }) =>
                html`<li>
                  <b>${name}</b
                  ><span class="muted">${this.#kind(field)}</span
                  >${isRequired ? nothing : html`<span class="faint">${say('optional')}</span>`}${field.description ? html`<span class="faint">${field.description.slice(0, 300)}</span>` : nothing}
                </li>`,
            )}
        </ul>`
      },
    })
  }

  #kind(field: Field): string {
    const { say } = this.formats
    const { kind } = field.shape
    const words = {
      text: say('text'),
      number: say('number'),
      truth: say('true or false'),
      choice: say('one of several'),
      fixed: say('always the same'),
      list: say('list'),
      object: say('object'),
      either: say('one of several kinds'),
      json: say('JSON'),
    }
    return kindWords(field, kind, this.formats) || words[kind]
  }
}

/** The arguments, and the members of those that are objects. */
function linesOf({ shape }: Field, word: string) {
  if (shape.kind !== 'list') return []
  return shape.first.flatMap(({ name, isRequired, field }) => {
    const title = field.title ?? `${word} ${Number(name) + 1}`
    const inner = field.shape.kind === 'object' ? field.shape.members : []
    return [
      { name: title, field, isRequired },
      ...inner.map((member) => ({ ...member, name: `${title}.${member.name}` })),
    ]
  })
}
