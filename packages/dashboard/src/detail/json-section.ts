import type { Json } from '@taskloom/protocol'
import { html, LitElement, nothing } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import type { Formats } from '../format.ts'
import { base, buttons } from '../styles/controls.ts'
import { jsonBytes, jsonText, openablePaths } from './json-rows.ts'
import type { JsonTree } from './json-tree.ts'
import { detailStyles } from './styles.ts'

/** A named value: its tree, how large it is, and buttons that open, close and copy all of it. */
export class JsonSection extends LitElement {
  @property() label = ''
  @property({ attribute: false }) value: Json = null
  /** What the page's own formatter made of it; null shows the tree. */
  @property({ attribute: false }) drawn: string | Node | null = null
  /** The server kept only a part. */
  @property({ type: Boolean }) isCut = false
  /** It is shown as it is, which is written down. */
  @property({ type: Boolean }) isRevealed = false
  @property({ attribute: false }) formats!: Formats
  @state() private isRaw = false
  @query('task-json-tree') private readonly tree!: JsonTree | null
  #known: { readonly value: Json; readonly bytes: number } | null = null

  static override styles = [base, buttons, detailStyles]

  override render() {
    const { say } = this.formats
    const isTree = this.drawn === null || this.isRaw
    // The value itself is one of them.
    const canOpen = isTree && openablePaths(this.value, 2).length > 1
    return html`
      <h4>
        ${this.label} <small>${sizeWords(this.#bytes(), this.formats)}</small>
        ${this.isRevealed ? html`<small class="bad">${say('revealed')}</small>` : nothing}
        <span class="spacer"></span>
        ${
          canOpen
            ? html`<button class="link quiet" type="button" @click=${() => this.tree?.openAll(true)}>
                  ${say('Open all')}
                </button>
                <button class="link quiet" type="button" @click=${() => this.tree?.openAll(false)}>
                  ${say('Close all')}
                </button>`
            : nothing
        }
        ${
          this.drawn === null
            ? nothing
            : html`<button class="link quiet" type="button" @click=${() => (this.isRaw = !this.isRaw)}>
                ${this.isRaw ? say('Formatted') : say('As it is')}
              </button>`
        }
        <task-copy-button
          .text=${jsonText(this.value)}
          label=${say('Copy all: {name}', { name: this.label })}
        ></task-copy-button>
      </h4>
      ${
        isTree
          ? html`<task-json-tree .value=${this.value} label=${this.label} .formats=${this.formats}></task-json-tree>`
          : html`<div class="drawn">${this.drawn}</div>`
      }
      ${
        this.isCut ? html`<p class="note">${say('Cut by the server to fit its cap: the end is missing.')}</p>` : nothing
      }
    `
  }

  /** Written out once per value, however often it is drawn. */
  #bytes(): number {
    if (this.#known?.value !== this.value) this.#known = { value: this.value, bytes: jsonBytes(this.value) }
    return this.#known?.bytes ?? 0
  }
}

function sizeWords(bytes: number, { say, count }: Formats): string {
  if (bytes < 1_000) return say('{n} bytes', { n: bytes })
  if (bytes < 1_000_000) return say('{n} kB', { n: count(Math.round(bytes / 100) / 10) })
  return say('{n} MB', { n: count(Math.round(bytes / 100_000) / 10) })
}
