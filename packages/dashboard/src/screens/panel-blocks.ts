import type { Json, PanelBlock, PanelValue } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import type { Formats } from '../format.ts'
import { icon, type IconName } from '../icons.ts'

const rowsMost = 1_000
const columnsMost = 30
const entriesMost = 200
const depthMost = 12
const textMost = 20_000

type BlockOf<K extends PanelBlock['kind']> = Extract<PanelBlock, { readonly kind: K }>

/** A block of a panel as it is seen; `label` names it where nothing in it does. */
export function renderBlock(block: PanelBlock, label: string, formats: Formats): TemplateResult {
  switch (block.kind) {
    case 'text':
      return html`<p class="text-block">${block.text.slice(0, textMost)}</p>`
    case 'stats':
      return renderStats(block, formats)
    case 'table':
      return renderTable(block, label, formats)
    case 'json':
      return html`<div class="card tree">${renderTree(block.value, 0, formats)}</div>`
    default:
      return html``
  }
}

const toneIcons: Readonly<Record<string, IconName>> = { good: 'check', warning: 'alert', bad: 'alert' }

function renderStats({ stats }: BlockOf<'stats'>, formats: Formats): TemplateResult {
  const { say } = formats
  const toneWords: Readonly<Record<string, string>> = { good: say('good'), warning: say('warning'), bad: say('bad') }
  return html`<dl class="card cells">
    ${stats.slice(0, entriesMost).map(
      ({ label, value, unit, tone }) =>
        html`<div class=${tone ?? ''}>
          <dt>${label.slice(0, 100)}</dt>
          <dd>
            ${valueWords(value, formats)}${unit ? html` <small>${unit.slice(0, 20)}</small>` : nothing}
            ${tone ? html`<span class="tone">${icon(toneIcons[tone] ?? 'alert')}<span class="unseen">${toneWords[tone]}</span></span>` : nothing}
          </dd>
        </div>`,
    )}
  </dl>`
}

function renderTable({ columns, rows }: BlockOf<'table'>, label: string, formats: Formats): TemplateResult {
  const shown = columns.slice(0, columnsMost)
  const isNumber = shown.map(
    (_, at) => rows.length > 0 && rows.every((row) => row[at] == null || typeof row[at] === 'number'),
  )
  if (rows.length === 0) return html`<p class="muted text-block">${formats.say('No rows.')}</p>`
  return html`<div class="card scroll">
    <table aria-label=${label}>
      <thead>
        <tr>
          ${shown.map((column, at) => html`<th scope="col" class=${isNumber[at] ? 'num' : ''}>${column.slice(0, 100)}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.slice(0, rowsMost).map(
          (row) =>
            html`<tr>
              ${shown.map(
                (column, at) =>
                  html`<td class=${isNumber[at] ? 'num' : ''}>
                    <span class="label">${column.slice(0, 100)} </span>${valueWords(row[at] ?? null, formats)}
                  </td>`,
              )}
            </tr>`,
        )}
      </tbody>
    </table>
    ${rows.length > rowsMost ? html`<p class="calm-list muted">${formats.say('{n} more', { n: rows.length - rowsMost })}</p>` : nothing}
  </div>`
}

function valueWords(value: PanelValue, { count, say }: Formats): string {
  if (value === null) return '–'
  if (typeof value === 'number') return count(value)
  if (typeof value === 'boolean') return value ? say('yes') : say('no')
  return value.slice(0, 2_000)
}

function renderTree(value: Json, depth: number, formats: Formats): TemplateResult {
  if (value === null || typeof value !== 'object') {
    return html`<span class="leaf ${typeof value}">${JSON.stringify(value)?.slice(0, 2_000)}</span>`
  }
  const entries = Object.entries(value)
  const brackets = Array.isArray(value) ? '[]' : '{}'
  if (entries.length === 0 || depth >= depthMost)
    return html`<span class="leaf">${entries.length === 0 ? brackets : '…'}</span>`
  const list = html`<ul>
    ${entries
      .slice(0, entriesMost)
      .map(
        ([key, inner]) =>
          html`<li><span class="key">${key.slice(0, 200)}</span> ${renderTree(inner, depth + 1, formats)}</li>`,
      )}
    ${entries.length > entriesMost ? html`<li class="faint">${formats.say('{n} more', { n: entries.length - entriesMost })}</li>` : nothing}
  </ul>`
  const words = Array.isArray(value)
    ? formats.sayCount(entries.length, '{n} entry', '{n} entries')
    : formats.sayCount(entries.length, '{n} field', '{n} fields')
  if (depth === 0) return list
  return html`<details ?open=${depth < 2}>
    <summary>${words}</summary>
    ${list}
  </details>`
}
