import { routes, type LockView } from '@taskloom/protocol'
import { html, nothing } from 'lit'
import { state } from 'lit/decorators.js'
import { request } from '../events.ts'
import { shortId } from '../format.ts'
import { PartElement } from '../part-element.ts'
import { ClockController } from '../ticker.ts'
import { renderAnswer } from './answers.ts'
import { Reading } from './reading.ts'
import { screenStyles } from './screen-styles.ts'

const refreshMs = 5_000
const shownMost = 100

/** Which conflict locks are held, by which task and since when; asked for when it is unfolded. */
export class Locks extends PartElement {
  @state() private isOpen = false
  readonly #clock = new ClockController(this, () => this.isOpen && !this.state.isPaused)
  readonly #locks: Reading<readonly LockView[]> = new Reading(this, {
    isWanted: () => this.isOpen,
    hints: ['queues'],
    everyMs: () => (this.isOpen ? refreshMs : null),
    ask: ({ client }, signal) => client.ask(routes.locks, { signal }),
  })

  static override styles = screenStyles

  override render() {
    const { say } = this.formats
    const words = { icon: 'lock', failed: say('The locks could not be loaded') } as const
    return html`<details
      class="card"
      @toggle=${(event: Event) => (this.isOpen = (event.target as HTMLDetailsElement).open)}
    >
      <summary>${say('Locks held now')}</summary>
      ${this.isOpen ? renderAnswer(this.#locks, this.formats, words, (locks) => this.#renderLocks(locks)) : nothing}
    </details>`
  }

  #renderLocks(locks: readonly LockView[]) {
    const { say, relative, instant } = this.formats
    if (locks.length === 0) return html`<p class="calm-list muted">${say('Nobody holds a lock.')}</p>`
    return html`<table aria-label=${say('Locks held now')}>
        <thead>
          <tr>
            <th scope="col">${say('Lock')}</th>
            <th scope="col">${say('Held by')}</th>
            <th scope="col">${say('Since')}</th>
          </tr>
        </thead>
        <tbody>
          ${locks.slice(0, shownMost).map(
            ({ key, funcName, status, taskId, user, since }) =>
              html`<tr>
                <td class="mono">${key.slice(0, 200)}</td>
                <td>
                  <button class="link" type="button" @click=${() => request(this, 'request-open', { taskId })}>
                    ${funcName.slice(0, 120)}
                  </button>
                  <span class="mono faint">${shortId(taskId)}</span>
                  <task-status-badge status=${status}></task-status-badge>
                  ${user ? html`<span class="small muted">${say('for {user}', { user: user.slice(0, 80) })}</span>` : nothing}
                </td>
                <td class="muted"><time title=${instant(since)}>${relative(since, this.#clock.now)}</time></td>
              </tr>`,
          )}
        </tbody>
      </table>
      ${locks.length > shownMost ? html`<p class="calm-list muted">${say('{n} more', { n: locks.length - shownMost })}</p>` : nothing}`
  }
}
