import { canDo, canRead, type Command } from '@taskloom/client'
import { fullerRoutes, pageRoutes, serverRoutes, type ScheduleEntry } from '@taskloom/protocol'
import { css, html, nothing } from 'lit'
import { state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { ConfirmDialog, type ConfirmQuestion, type ConfirmResult } from '../elements/confirm-dialog.ts'
import { request, type ScheduleVerb } from '../events.ts'
import { problemWords } from '../format.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { base, buttons, chips, inputs, tables } from '../styles/controls.ts'
import { ClockController } from '../ticker.ts'
import { listStyles } from './list-styles.ts'
import { renderAge } from './answers.ts'
import { Reading } from './reading.ts'
import { arrange, type ScheduleOrder, type ScheduleShown } from './schedules/order.ts'
import { scheduleRow } from './schedules/row.ts'
import { sparkStyles } from './spark.ts'
import { renderMore, renderToolbar, sortMenu, toolbarStyles } from './toolbar.ts'

const pageRows = 100
const settleMs = 250
/** What the server takes in one command. */
const mostNames = 1_000

interface Asked {
  readonly names: readonly string[]
  readonly question: ConfirmQuestion
}

/** What runs by the clock: when, what came of it last, when next. */
export class Schedules extends PartElement {
  @state() private find = ''
  @state() private shown: ScheduleShown = 'all'
  @state() private order: ScheduleOrder = 'next'
  @state() private rows = pageRows
  @state() private asked: Asked | null = null
  #timer: ReturnType<typeof setTimeout> | undefined
  readonly #clock = new ClockController(this, () => !this.state.isPaused)
  readonly #all: Reading<readonly ScheduleEntry[]> = new Reading<readonly ScheduleEntry[]>(this, {
    ask: ({ client }, signal) => {
      const params = new URLSearchParams(this.find.trim() ? { q: this.find.trim() } : {})
      return client.ask(fullerRoutes.schedules, { params, signal })
    },
    about: () => [this.find],
    hints: ['schedules'],
    isWanted: () => canRead(this.state.capabilities, 'schedules'),
  })

  static override styles = [
    base,
    buttons,
    chips,
    inputs,
    tables,
    listStyles,
    sparkStyles,
    toolbarStyles,
    css`
      tr.paused td:not(:last-child) {
        color: var(--td-text-2);
      }
      .late {
        color: var(--td-interrupted);
        border-color: currentColor;
      }
      .still {
        color: var(--td-text);
        border-color: currentColor;
      }
      .when {
        font-weight: 540;
      }
      .recent {
        margin-block-start: 4px;
      }
      summary {
        cursor: pointer;
        color: var(--td-text-2);
        inline-size: fit-content;
      }
      details ol {
        padding-block-start: 2px;
      }
      .link task-status-badge {
        vertical-align: middle;
      }
      @container (max-width: 760px) {
        tbody tr {
          display: grid;
          grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) auto;
          gap: 4px 16px;
        }
        td:nth-child(3) {
          grid-area: 1 / 2;
        }
        td:nth-child(4) {
          grid-area: 2 / 2;
        }
        td:last-child {
          grid-area: 1 / 3 / 3;
        }
        .acts {
          padding: 0;
        }
      }
      @container (max-width: 640px) {
        tbody tr {
          grid-template-columns: minmax(0, 1fr);
        }
        tbody td:nth-child(n) {
          grid-area: auto;
        }
      }
    `,
  ]

  override disconnectedCallback() {
    super.disconnectedCallback()
    clearTimeout(this.#timer)
  }

  override render() {
    const all = this.#all.value ?? this.state.schedules
    const { capabilities } = this.state
    if (capabilities !== null && !canRead(capabilities, 'schedules')) return this.#renderUnsupported()
    if (all.length === 0 && this.find === '') return html`<div class="card">${this.#renderNothing()}</div>`
    const found = arrange(all, this.shown, this.order)
    return html`${this.#renderToolbar(found)} ${renderAge(this.#all, this.formats)}
      <div class="card">${found.length > 0 ? this.#renderTable(found) : this.#renderNoMatch()}</div>
      <task-confirm-dialog
        .question=${this.asked?.question ?? null}
        @confirm-result=${this.#onAnswer}
      ></task-confirm-dialog>`
  }

  #renderToolbar(found: readonly ScheduleEntry[]) {
    const { say, sayCount } = this.formats
    const mayPause = canDo(this.state.capabilities, 'schedule_pause')
    const active = found.filter(({ status }) => status === 'active').length
    const paused = found.length - active
    const button = (verb: 'pause' | 'resume', word: string, onClick: () => void) =>
      html`<button class="btn tall" type="button" data-all=${verb} @click=${onClick}>
        ${icon(verb === 'pause' ? 'pause' : 'play')}${word}
      </button>`
    const pause = () => this.#askPause(namesOf(found, 'active'), true)
    const resume = () => this.#sendAll('resume', namesOf(found, 'paused'), '')
    return renderToolbar({
      findWord: say('Find a schedule'),
      onFind: (text) => this.#search(text),
      menus: [
        sortMenu(
          say('Which schedules'),
          { all: say('All'), active: say('Active'), paused: say('Paused'), missed: say('With missed slots') },
          this.shown,
          (shown) => (this.shown = shown),
        ),
        sortMenu(
          say('Sorted by'),
          { next: say('Next run'), last: say('Last run'), name: say('Name') },
          this.order,
          (order) => (this.order = order),
        ),
      ],
      found: sayCount(found.length, '{n} schedule', '{n} schedules'),
      actions: html`${mayPause && active > 0 ? button('pause', say('Pause all…'), pause) : nothing}${
        mayPause && paused > 0 ? button('resume', say('Resume all'), resume) : nothing
      }`,
    })
  }

  #renderTable(found: readonly ScheduleEntry[]) {
    const { say } = this.formats
    const view = {
      formats: this.formats,
      now: this.#clock.now,
      capabilities: this.state.capabilities,
      busyActions: this.state.busyActions,
      onVerb: (verb: ScheduleVerb, name: string) => this.#do(verb, name),
    }
    const rest = found.length - this.rows
    return html`<table aria-label=${say('Schedules')}>
        <thead>
          <tr>
            <th scope="col">${say('Function')}</th>
            <th scope="col">${say('When')}</th>
            <th scope="col">${say('Next')}</th>
            <th scope="col">${say('Last')}</th>
            <th scope="col"><span class="unseen">${say('Actions')}</span></th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            found.slice(0, this.rows),
            ({ funcName }) => funcName,
            (schedule) => scheduleRow(schedule, view),
          )}
        </tbody>
      </table>
      ${found[0] && found[0].recent === undefined && found.length > 200 ? html`<p class="note">${say('With more than 200 schedules their last runs are not drawn: search for fewer.')}</p>` : nothing}
      ${renderMore(rest, () => (this.rows += pageRows), this.formats)}`
  }

  #renderNoMatch() {
    const { say } = this.formats
    return html`<task-notice
      icon="search"
      heading=${say('No schedule is like that')}
      text=${say('Search for something else, or show all.')}
    ></task-notice>`
  }

  #renderUnsupported() {
    const { say } = this.formats
    return html`<div class="card">
      <task-notice
        icon="calendar"
        heading=${say('No schedules here')}
        text=${say('This source does not offer them.')}
      ></task-notice>
    </div>`
  }

  #renderNothing() {
    const { say } = this.formats
    const { problem } = this.#all
    if (problem) {
      const isForbidden = problem.status === 403
      return html`<task-notice
        icon=${isForbidden ? 'lock' : 'alert'}
        tone=${isForbidden ? '' : 'bad'}
        heading=${isForbidden ? say('You may not see the schedules') : say('The schedules could not be loaded')}
        text=${problemWords(problem)}
        ><button class="btn" type="button" @click=${() => this.#all.again()}>${say('Try again')}</button></task-notice
      >`
    }
    if (this.state.capabilities === null || this.#all.value === null) {
      return html`<task-notice icon="calendar" heading=${say('Loading schedules')}></task-notice>`
    }
    return html`<task-notice
      icon="calendar"
      heading=${say('Nothing runs by the clock yet')}
      text=${say('A function with a schedule appears here, with its next runs.')}
    >
      <pre class="snippet" dir="ltr">${snippet}</pre>
    </task-notice>`
  }

  #search(text: string): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.find = text
      this.rows = pageRows
    }, settleMs)
  }

  #do(verb: ScheduleVerb, name: string): void {
    if (verb === 'pause') this.#askPause([name], false)
    else this.#send(verb, name, '')
  }

  #askPause(names: readonly string[], isAll: boolean): void {
    const { say, sayCount } = this.formats
    this.asked = {
      names,
      question: {
        heading: isAll
          ? sayCount(names.length, 'Pause {n} schedule?', 'Pause {n} schedules?')
          : say('Pause the schedule of {name}?', { name: (names[0] ?? '').slice(0, 120) }),
        text: say('Slots pass without a task until it is resumed. A pause is kept when processes restart.'),
        warning: null,
        word: say('Pause'),
        isDanger: false,
        asksReason: true,
      },
    }
  }

  readonly #onAnswer = (event: CustomEvent<ConfirmResult>): void => {
    event.stopPropagation()
    const { asked } = this
    const { isConfirmed, reason } = event.detail
    this.asked = null
    if (!asked || !isConfirmed) return
    const [name] = asked.names
    if (asked.names.length === 1 && name !== undefined) this.#send('pause', name, reason)
    else this.#sendAll('pause', asked.names, reason)
  }

  #send(verb: ScheduleVerb, name: string, reason: string): void {
    const commands = {
      run: {
        route: pageRoutes.runSchedule,
        action: 'schedule_run',
        done: { text: '{name} runs now', values: { name } },
      },
      pause: {
        route: pageRoutes.pauseSchedule,
        action: 'schedule_pause',
        done: { text: 'The schedule of {name} is paused', values: { name } },
      },
      resume: {
        route: pageRoutes.resumeSchedule,
        action: 'schedule_pause',
        done: { text: 'The schedule of {name} runs again', values: { name } },
      },
    } as const satisfies Record<ScheduleVerb, Pick<Command, 'route' | 'action' | 'done'>>
    const body = reason ? { reason } : {}
    const command: Command = {
      ...commands[verb],
      at: { name },
      body,
      key: `schedule-${verb}:${name}`,
      hints: ['schedules'],
    }
    request(this, 'request-command', { command })
  }

  #sendAll(verb: 'pause' | 'resume', names: readonly string[], reason: string): void {
    const route = verb === 'pause' ? serverRoutes.pauseSchedules : serverRoutes.resumeSchedules
    for (let from = 0; from < names.length; from += mostNames) {
      const part = names.slice(from, from + mostNames)
      const values = { n: part.length }
      const done =
        verb === 'pause'
          ? { text: '{n} schedules are paused', one: '{n} schedule is paused', values }
          : { text: '{n} schedules run again', one: '{n} schedule runs again', values }
      const body = { names: part, ...(reason ? { reason } : {}) }
      const key = `schedules-${verb}:${from}`
      request(this, 'request-command', {
        command: { route, action: 'schedule_pause', body, key, done, hints: ['schedules'] },
      })
    }
  }
}

// Line by line: the build takes the indents out of texts of several lines.
const snippet = [
  "tasks.schedule('nightly_report', { cron: '0 2 * * *', timezone: 'Europe/Berlin' }, async () => {",
  '  // …',
  '})',
].join('\n')

function namesOf(schedules: readonly ScheduleEntry[], wanted: ScheduleEntry['status']): readonly string[] {
  return schedules.filter(({ status }) => status === wanted).map(({ funcName }) => funcName)
}

export const elements = { 'task-confirm-dialog': ConfirmDialog, 'task-schedules': Schedules }

declare global {
  interface HTMLElementTagNameMap {
    'task-schedules': Schedules
  }
}
