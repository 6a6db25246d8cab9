import { css, html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import type { Formats } from '../format.ts'
import { base } from '../styles/controls.ts'
import { differences, type Difference } from './diff.ts'
import { isHidden } from './hidden.ts'
import { writeJson, type Value } from './json-text.ts'

const mostShown = 200

/** What is different between two values, a row for each leaf: the mark and the word say how, the colour only repeats it. */
export class ValueDiff extends LitElement {
  @property({ attribute: false }) from: Value = []
  @property({ attribute: false }) to: Value = []
  @property({ attribute: false }) formats!: Formats

  static override styles = [
    base,
    css`
      table {
        inline-size: 100%;
        border-collapse: collapse;
        font-size: 12px;
        line-height: 18px;
        table-layout: fixed;
      }
      th,
      td {
        padding: 4px 8px;
        text-align: start;
        vertical-align: top;
        border-block-end: 1px solid var(--td-line-2);
        overflow-wrap: anywhere;
      }
      tr:last-child > * {
        border-block-end: 0;
      }
      thead th {
        font-weight: 500;
        color: var(--td-text-3);
        background: var(--td-sunken);
      }
      tbody th {
        font: 12px/18px var(--td-mono);
      }
      .frame {
        border: 1px solid var(--td-line);
        border-radius: var(--td-radius-control);
        overflow: hidden;
      }
      .mark {
        font: 12px/18px var(--td-mono);
        font-weight: 600;
      }
      .how {
        white-space: nowrap;
      }
      del,
      ins {
        font: 12px/18px var(--td-mono);
        padding: 0 3px;
        border-radius: 3px;
        white-space: pre-wrap;
        text-decoration-thickness: 1px;
      }
      del {
        color: var(--td-failed);
        background: var(--td-failed-bg);
      }
      ins {
        color: var(--td-success);
        text-decoration: none;
        background: color-mix(in srgb, var(--td-success) 9%, var(--td-raised));
      }
      .none {
        padding: 10px 12px;
        color: var(--td-text-2);
      }
      .how-head {
        inline-size: 92px;
      }
      @container (max-width: 520px) {
        table,
        tbody,
        tr,
        tbody th,
        td {
          display: block;
        }
        thead {
          display: none;
        }
        tbody tr {
          padding: 6px 8px;
          border-block-end: 1px solid var(--td-line-2);
        }
        tbody tr:last-child {
          border: 0;
        }
        tbody th,
        td {
          padding: 1px 0;
          border: 0;
        }
      }
    `,
  ]

  override render() {
    const { say, sayCount } = this.formats
    const found = differences(this.from, this.to)
    if (found.length === 0) {
      return html`<div class="frame">
        <p class="none">${say('Nothing is different: the same arguments run again.')}</p>
      </div>`
    }
    return html`<div class="frame">
      <table aria-label=${say('Changes against the original')}>
        <thead>
          <tr>
            <th scope="col">${say('Where')}</th>
            <th scope="col" class="how-head">${say('How')}</th>
            <th scope="col">${say('Original')}</th>
            <th scope="col">${say('New')}</th>
          </tr>
        </thead>
        <tbody>
          ${found.slice(0, mostShown).map((difference) => this.#renderRow(difference))}
        </tbody>
      </table>
      ${found.length > mostShown ? html`<p class="none">${sayCount(found.length - mostShown, '{n} more change', '{n} more changes')}</p>` : nothing}
    </div>`
  }

  #renderRow({ path, kind, before, after }: Difference) {
    const { say } = this.formats
    const how = { added: ['+', say('added')], removed: ['−', say('removed')], changed: ['~', say('changed')] }[kind]
    return html`<tr data-kind=${kind}>
      <th scope="row" dir="ltr">${path.slice(0, 300) || say('all of it')}</th>
      <td class="how"><span class="mark" aria-hidden="true">${how[0]}</span> ${how[1]}</td>
      <td>${before === undefined ? nothing : html`<del dir="auto">${this.#words(before)}</del>`}</td>
      <td>${after === undefined ? nothing : html`<ins dir="auto">${this.#words(after)}</ins>`}</td>
    </tr>`
  }

  #words(value: Value): string {
    return isHidden(value) ? this.formats.say('hidden') : writeJson(value).slice(0, 600)
  }
}
