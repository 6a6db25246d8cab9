import { ClientError } from '@taskloom/client'
import { serverRoutes, type SessionView } from '@taskloom/protocol'
import { css, html } from 'lit'
import { state } from 'lit/decorators.js'
import { request } from '../events.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { base, menus } from '../styles/controls.ts'

/** In the header's menu: who has signed in, and the way out. It asks when the menu is opened, and shows nothing where nobody has. */
export class Account extends PartElement {
  @state() private session: SessionView | null = null
  #sight: IntersectionObserver | null = null

  static override styles = [
    base,
    menus,
    css`
      .menu {
        padding: 0 0 4px;
        margin-block-end: 4px;
        border-block-end: 1px solid var(--td-line-2);
        border-radius: 0;
        overflow: hidden;
      }
      .unseen-line {
        block-size: 1px;
      }
      .who {
        display: grid;
        padding: 6px 8px;
        overflow-wrap: anywhere;
      }
    `,
  ]

  override connectedCallback() {
    super.connectedCallback()
    this.#sight = new IntersectionObserver((entries) => {
      if (entries.some(({ isIntersecting }) => isIntersecting)) void this.#ask()
    })
    this.#sight.observe(this)
  }

  override disconnectedCallback() {
    super.disconnectedCallback()
    this.#sight?.disconnect()
    this.#sight = null
  }

  override render() {
    const { session } = this
    const { say } = this.formats
    // Something that can be seen, so that it is known when it is.
    if (session?.via !== 'session') return html`<div class="unseen-line"></div>`
    return html`<div class="menu">
      <div class="who"><b>${session.name}</b><span class="muted">${roleWord(session.role, say)}</span></div>
      <button class="item" type="button" @click=${this.#leave}>${icon('lock')}<span>${say('Sign out')}</span></button>
    </div>`
  }

  async #ask(): Promise<void> {
    try {
      this.session = await this.context.client.ask(serverRoutes.session)
    } catch {
      this.session = null
    }
  }

  readonly #leave = async (): Promise<void> => {
    try {
      await this.context.client.ask(serverRoutes.logout, { body: {} })
    } catch (error) {
      // Whoever is signed out already is what he wants to be.
      if (!(error instanceof ClientError) || error.problem.status !== 401) return
    }
    this.session = null
    request(this, 'request-sign-out')
  }
}

function roleWord(role: string, say: (text: string) => string): string {
  if (role === 'admin') return say('Administrator')
  if (role === 'operator') return say('Operator')
  return role === 'viewer' ? say('Viewer') : role
}

export const elements = { 'task-account': Account }
