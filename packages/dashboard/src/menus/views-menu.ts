import { formatView, maxSavedViews, parseView, type SavedView, type SavedViews } from '@taskloom/client'
import { css, html, nothing } from 'lit'
import { query, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import { linkToView } from '../host/address.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { base, buttons, inputs, menus } from '../styles/controls.ts'

/** The views that the page offers and those that the operator saved. */
export class ViewsMenu extends PartElement {
  /** The name of the view that is being changed. */
  @state() private edited: string | null = null
  @query('input.new') private readonly newName!: HTMLInputElement

  static override styles = [
    base,
    buttons,
    inputs,
    menus,
    css`
      .menu {
        inline-size: 300px;
      }
      .view {
        display: flex;
        align-items: center;
        gap: 2px;
      }
      .view .item {
        flex: 1;
        min-inline-size: 0;
      }
      .view [aria-current='true'] {
        font-weight: 560;
      }
      .btn.icon {
        inline-size: 26px;
        min-block-size: 26px;
      }
      .first svg {
        fill: currentColor;
      }
      form,
      .change {
        display: flex;
        flex-wrap: wrap;
        gap: 6px;
        padding: 4px 8px 8px;
      }
      form input {
        flex: 1 1 120px;
      }
      .change {
        background: var(--td-sunken);
        border-radius: 5px;
        padding-block-start: 8px;
      }
      .note {
        padding: 2px 8px 6px;
        font-size: 12px;
        line-height: 17px;
        color: var(--td-text-2);
      }
    `,
  ]

  override render() {
    const { say } = this.formats
    const { views, saved, hasLinks } = this.context.given
    const { own } = saved
    return html`
      <div class="menu">
        ${
          views.length > 0
            ? html`<h3>${say('For everybody')}</h3>
                ${views.map((view) => html`<div class="view">${this.#renderName(view)}${this.#renderFirst(view.name)}</div>`)}
                <hr />`
            : nothing
        }
        <h3>${say('Your views')}</h3>
        ${own.map((view, index) => this.#renderOwn(view, index))}
        ${own.length === 0 ? html`<p class="note">${say('Filter the tasks and give that a name, to come back to it.')}</p>` : nothing}
        ${
          own.length < maxSavedViews
            ? html`<form @submit=${this.#onSave}>
                <input
                  class="text new"
                  maxlength="60"
                  required
                  aria-label=${say('Name of the view')}
                  placeholder=${say('Name')}
                />
                <button class="btn tall" type="submit">${say('Save view')}</button>
              </form>`
            : html`<p class="note">${say('There is room for {n} views.', { n: maxSavedViews })}</p>`
        }
        ${
          hasLinks
            ? html`<hr />
                <div class="view">
                  <span class="item">${say('Link to what is shown')}</span>
                  <task-copy-button
                    icon="link"
                    text=${linkToView(this.state.view)}
                    label=${say('Copy link')}
                  ></task-copy-button>
                </div>`
            : nothing
        }
      </div>
    `
  }

  #renderName(view: SavedView) {
    return html`<button
      class="item"
      type="button"
      aria-current=${this.#isShown(view) ? 'true' : nothing}
      @click=${() => request(this, 'request-view', { cursor: null, pageNumber: 1, ...parseView(view.query) })}
    >
      <span>${view.name}</span>${this.#isShown(view) ? icon('check') : nothing}
    </button>`
  }

  #renderFirst(name: string) {
    const { say } = this.formats
    const isFirst = this.#saved.first === name
    return html`<button
      class="btn ghost icon ${isFirst ? 'first' : ''}"
      type="button"
      aria-label=${say('Begin with {view}', { view: name })}
      title=${say('Begin with {view}', { view: name })}
      aria-pressed=${isFirst ? 'true' : 'false'}
      @click=${() => this.#save({ ...this.#saved, first: isFirst ? null : name })}
    >
      ${icon('star')}
    </button>`
  }

  #renderOwn(view: SavedView, index: number) {
    const { say } = this.formats
    const { name } = view
    const isEdited = this.edited === name
    return html`<div class="view">
        ${this.#renderName(view)}${this.#renderFirst(name)}
        <button
          class="btn ghost icon"
          type="button"
          aria-label=${say('Change {view}', { view: name })}
          title=${say('Change {view}', { view: name })}
          aria-expanded=${isEdited ? 'true' : 'false'}
          @click=${() => (this.edited = isEdited ? null : name)}
        >
          ${icon('more')}
        </button>
      </div>
      ${isEdited ? this.#renderChange(view, index) : nothing}`
  }

  #renderChange(view: SavedView, index: number) {
    const { say } = this.formats
    const { name } = view
    const last = this.#saved.own.length - 1
    return html`<form class="change" @submit=${(event: Event) => this.#onRename(event, view)}>
      <input
        class="text"
        maxlength="60"
        required
        aria-label=${say('New name of {view}', { view: name })}
        .value=${name}
      />
      <button class="btn tall" type="submit">${say('Rename')}</button>
      <button
        class="btn"
        type="button"
        @click=${() => this.#replace(view, { ...view, query: formatView(this.state.view) })}
      >
        ${say('Set to what is shown')}
      </button>
      <button
        class="btn icon"
        type="button"
        aria-label=${say('Move {view} up', { view: name })}
        title=${say('Move {view} up', { view: name })}
        ?disabled=${index === 0}
        @click=${() => this.#move(index, index - 1)}
      >
        ${icon('sortUp')}
      </button>
      <button
        class="btn icon"
        type="button"
        aria-label=${say('Move {view} down', { view: name })}
        title=${say('Move {view} down', { view: name })}
        ?disabled=${index === last}
        @click=${() => this.#move(index, index + 1)}
      >
        ${icon('sortDown')}
      </button>
      <button
        class="btn icon danger"
        type="button"
        aria-label=${say('Delete {view}', { view: name })}
        title=${say('Delete {view}', { view: name })}
        @click=${() => this.#replace(view, null)}
      >
        ${icon('trash')}
      </button>
    </form>`
  }

  get #saved(): SavedViews {
    return this.context.given.saved
  }

  #isShown({ query: asked }: SavedView): boolean {
    const { view } = this.state
    return formatView({ ...view, ...parseView(asked) }) === formatView(view)
  }

  /** Saving under a name that there is saves it anew. */
  readonly #onSave = (event: Event): void => {
    event.preventDefault()
    const name = this.newName.value.trim()
    if (name === '') return
    const view = { name, query: formatView(this.state.view) }
    const others = this.#saved.own.filter((other) => other.name !== name)
    this.#save({ ...this.#saved, own: [...others, view] })
    this.newName.value = ''
  }

  #onRename(event: Event, view: SavedView): void {
    event.preventDefault()
    const field = (event.target as HTMLFormElement).querySelector('input')
    const name = field?.value.trim() ?? ''
    if (name !== '' && !this.#saved.own.some((other) => other !== view && other.name === name)) {
      this.#replace(view, { ...view, name })
    }
  }

  #replace(view: SavedView, next: SavedView | null): void {
    const { own, first } = this.#saved
    this.edited = null
    this.#save({
      own: own.flatMap((other) => (other === view ? (next ?? []) : other)),
      first: first === view.name ? (next?.name ?? null) : first,
    })
  }

  #move(from: number, to: number): void {
    const own = [...this.#saved.own]
    own.splice(to, 0, ...own.splice(from, 1))
    this.#save({ ...this.#saved, own })
  }

  #save(saved: SavedViews): void {
    request(this, 'request-saved-views', saved)
  }
}

export const elements = { 'task-views-menu': ViewsMenu }
