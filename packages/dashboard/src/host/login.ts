import { ClientError } from '@taskloom/client'
import { serverRoutes } from '@taskloom/protocol'
import { css, html, nothing } from 'lit'
import { query, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import { problemWords } from '../format.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { base, buttons, inputs } from '../styles/controls.ts'
import { ClockController } from '../ticker.ts'

type Way = 'unknown' | 'here' | 'elsewhere'

/**
 * In the place of the screen while the server asks who it is: a form where the server has its own users, else a word that one
 * signs in on the site. Behind it everything stays as it was and goes on when somebody has signed in.
 */
export class LoginScreen extends PartElement {
  @state() private way: Way = 'unknown'
  @state() private problem = ''
  @state() private waitsUntil = 0
  @state() private isBusy = false
  @query('#user') private readonly user!: HTMLInputElement | null
  @query('#password') private readonly password!: HTMLInputElement | null
  #returnTo: HTMLElement | null = null
  readonly #clock = new ClockController(this, () => this.waitsUntil > 0)

  static override styles = [
    base,
    buttons,
    inputs,
    css`
      .login {
        display: grid;
        justify-items: center;
        padding: 56px 16px 72px;
      }
      form {
        display: grid;
        gap: 14px;
        inline-size: min(340px, 100%);
        padding: 24px;
        border: 1px solid var(--td-line);
        border-radius: var(--td-radius);
        background: var(--td-surface);
      }
      h3 {
        font-size: 15px;
        line-height: 22px;
        font-weight: 600;
      }
      #problem:not(:has(p)) {
        position: absolute;
      }
      .btn {
        min-block-size: 34px;
      }
      .text {
        block-size: 34px;
        inline-size: 100%;
      }
    `,
  ]

  override connectedCallback() {
    super.connectedCallback()
    this.#returnTo = deepActiveElement()
    void this.#findWay()
  }

  override disconnectedCallback() {
    super.disconnectedCallback()
    const to = this.#returnTo
    // What was hidden meanwhile can be focused again when the page is drawn.
    requestAnimationFrame(() => to?.isConnected && to.focus({ preventScroll: true }))
  }

  override updated(changed: Map<PropertyKey, unknown>) {
    if (changed.has('way') && this.way === 'here') this.user?.focus()
  }

  override render() {
    const { say } = this.formats
    if (this.way === 'unknown') return html`<div class="login" role="status" aria-label=${say('Loading')}></div>`
    return this.way === 'here' ? this.#renderForm() : this.#renderElsewhere()
  }

  #renderElsewhere() {
    const { say } = this.formats
    return html`<task-notice
      icon="lock"
      heading=${say('You are signed out')}
      text=${say('Sign in to the site again, then come back here.')}
    >
      <button class="btn" type="button" @click=${() => request(this, 'request-refresh')}>${say('Try again')}</button>
    </task-notice>`
  }

  #renderForm() {
    const { say, duration } = this.formats
    const leftMs = Math.max(0, this.waitsUntil - this.#clock.now)
    const isWaiting = leftMs > 0
    const words = isWaiting
      ? say('That was wrong too often. Try again in {duration}.', {
          duration: duration(Math.ceil(leftMs / 1_000) * 1_000),
        })
      : this.problem
    return html`<div class="login">
      <form aria-labelledby="heading" @submit=${this.#onSubmit}>
        <h3 id="heading">${say('Sign in')}</h3>
        ${this.state.dataAt === null ? nothing : html`<p class="muted">${say('Your session has ended. What you were doing is still here.')}</p>`}
        <label class="field">
          <span>${say('User name')}</span>
          <input
            id="user"
            class="text"
            name="username"
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            required
            maxlength="200"
          />
        </label>
        <label class="field">
          <span>${say('Password')}</span>
          <input
            id="password"
            class="text"
            type="password"
            name="password"
            autocomplete="current-password"
            required
            aria-invalid=${this.problem === '' ? 'false' : 'true'}
            aria-describedby="problem"
          />
        </label>
        <div id="problem" role="alert">
          ${words === '' ? nothing : html`<p class="error">${icon('alert')}<span>${words}</span></p>`}
        </div>
        <button class="btn ink" type="submit" aria-disabled=${this.isBusy || isWaiting ? 'true' : 'false'}>
          ${this.isBusy ? say('Signing in…') : say('Sign in')}
        </button>
      </form>
    </div>`
  }

  /** Whether the server has a page of its own to sign in on: then its users can do so here. */
  async #findWay(): Promise<void> {
    this.way = 'unknown'
    this.problem = ''
    const { client } = this.context
    // A session of another origin would be a cookie that the browser neither keeps nor sends.
    if (new URL(client.src, document.baseURI).origin !== location.origin) {
      this.way = 'elsewhere'
      return
    }
    try {
      await client.ask(serverRoutes.loginPage)
      this.way = 'elsewhere'
    } catch (error) {
      // It answers with a page, which is no JSON, where there is one.
      this.way = error instanceof ClientError && error.problem.code === 'bad_answer' ? 'here' : 'elsewhere'
    }
  }

  readonly #onSubmit = async (event: Event): Promise<void> => {
    event.preventDefault()
    const { user, password } = this
    if (!user || !password || this.isBusy || this.waitsUntil > this.#clock.now) return
    this.isBusy = true
    this.problem = ''
    try {
      const body = { username: user.value, password: password.value }
      await this.context.client.ask(serverRoutes.login, { body })
      password.value = ''
      request(this, 'request-refresh')
    } catch (error) {
      this.#tell(error)
      password.value = ''
      password.focus()
    } finally {
      this.isBusy = false
    }
  }

  #tell(error: unknown): void {
    const { say } = this.formats
    const problem = error instanceof ClientError ? error.problem : null
    const waitMs = error instanceof ClientError && problem?.status === 429 ? (error.retryAfterMs ?? 60_000) : 0
    this.waitsUntil = waitMs > 0 ? this.#clock.now + waitMs : 0
    this.problem =
      waitMs > 0
        ? ''
        : problem?.code === 'bad_credentials'
          ? say('The user name or the password is wrong.')
          : problemWords(problem) || say('It did not work. Try again.')
  }
}

function deepActiveElement(): HTMLElement | null {
  let active = document.activeElement
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
  return active instanceof HTMLElement && active !== document.body ? active : null
}

export const elements = { 'task-login': LoginScreen }
