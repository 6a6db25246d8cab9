import { canDo } from '@taskloom/client'
import type { Capabilities, ScheduleEntry } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { request, type ScheduleVerb } from '../../events.ts'
import type { Formats } from '../../format.ts'
import { icon, type IconName } from '../../icons.ts'
import { sparkline } from '../spark.ts'
import { isLate } from './order.ts'
import { triggerWords } from './words.ts'

/** What a row shows beside its schedule. */
export interface RowView {
  readonly formats: Formats
  readonly now: number
  readonly capabilities: Capabilities | null
  readonly busyActions: ReadonlySet<string>
  readonly onVerb: (verb: ScheduleVerb, name: string) => void
}

export function scheduleRow(schedule: ScheduleEntry, view: RowView): TemplateResult {
  const { formats } = view
  const { funcName } = schedule
  const isPaused = schedule.status === 'paused'
  return html`<tr class=${isPaused ? 'paused' : ''} data-schedule=${funcName}>
    <td>
      <button
        class="link"
        type="button"
        title=${formats.say('Show its tasks')}
        @click=${(event: Event) =>
          request(event.currentTarget as EventTarget, 'request-view', { tab: 'view', funcNames: [funcName] })}
      >
        ${funcName.slice(0, 200)}
      </button>
      <div class="words">${badges(schedule, view)}</div>
    </td>
    <td>${whenCell(schedule, formats)}</td>
    <td><span class="label">${formats.say('Next')} </span>${nextCell(schedule, view)}</td>
    <td>${lastCell(schedule, view)}</td>
    <td><div class="acts">${actions(schedule, view)}</div></td>
  </tr>`
}

/** A sentence and the expression; the expression alone where no sentence is clearer. */
function whenCell(schedule: ScheduleEntry, formats: Formats) {
  const trigger = schedule.trigger.slice(0, 120)
  const timezone = schedule.timezone.slice(0, 60)
  const words = triggerWords(schedule, formats)
  if (words.includes(trigger))
    return html`<p class="mono" dir="ltr">${trigger}</p>
      <p class="small faint">${timezone}</p>`
  return html`<p>${words}</p>
    <p class="mono faint" dir="ltr">${trigger} · ${timezone}</p>`
}

function badges(schedule: ScheduleEntry, { formats, now }: RowView) {
  const { say, count, instant } = formats
  const { missed, overlap, misfire, nextRuns, status } = schedule
  const misfireWords: Readonly<Record<string, readonly [word: string, title: string]>> = {
    once: [say('catches up once'), say('For slots that nobody was there for, one task is enqueued.')],
    skip: [say('skips missed'), say('Slots that nobody was there for are left out.')],
    all: [say('catches up all'), say('For each slot that nobody was there for a task is enqueued.')],
  }
  const overlapWords: Readonly<Record<string, readonly [word: string, title: string]>> = {
    allow: [say('may overlap'), say('A slot starts also while the task of an earlier one waits or runs.')],
    skip: [say('no overlap'), say('A slot passes while the task of an earlier one waits or runs.')],
  }
  const tag = ([word, title]: readonly [string, string], look = '') =>
    html`<span class="tag ${look}" title=${title}>${word}</span>`
  return html`
    ${status === 'paused' ? tag([say('paused'), say('Its slots pass until it is resumed.')], 'still') : nothing}
    ${
      isLate(schedule, now)
        ? tag(
            [
              say('late'),
              say('Its slot at {when} has passed and nothing was enqueued.', { when: instant(nextRuns[0] ?? now) }),
            ],
            'late',
          )
        : nothing
    }
    ${
      missed > 0
        ? tag(
            [
              say('{n} missed', { n: count(missed) }),
              say(
                'Slots without a task: nothing ran then, an earlier task was not done, or the arguments were refused.',
              ),
            ],
            'late',
          )
        : nothing
    }
    ${tag(overlapWords[overlap] ?? [overlap, overlap])} ${tag(misfireWords[misfire] ?? [misfire, misfire])}
  `
}

function nextCell({ nextRuns, status, timezone }: ScheduleEntry, { formats, now }: RowView) {
  const [next, ...others] = status === 'paused' ? [] : nextRuns
  if (next === undefined) return html`<span class="faint">—</span>`
  const both = (at: number) => {
    const there = clockIn(at, timezone, formats)
    const here = clockIn(at, formats.timeZone, formats)
    if (here === there) return there
    // The day is said once where it is the same one.
    const short = dayIn(at, timezone) === dayIn(at, formats.timeZone) ? timeIn(at, formats) : here
    return html`${there} <span class="faint">· ${short} ${formats.say('here')}</span>`
  }
  return html`<span class="when" title=${formats.instant(next)}>${formats.relative(Math.max(next, now), now)}</span>
    <p class="small muted">${both(next)}</p>
    ${
      others.length > 0
        ? html`<details class="small">
            <summary>${formats.say('{n} more', { n: others.length })}</summary>
            <ol>
              ${others.map((at) => html`<li>${both(at)}</li>`)}
            </ol>
          </details>`
        : nothing
    }`
}

function lastCell(schedule: ScheduleEntry, { formats, now }: RowView) {
  const { lastStatus, lastRun, lastTaskId } = schedule
  if (lastStatus === null || lastRun === null)
    return html`<span class="label">${formats.say('Last')} </span
      ><span class="faint">${formats.say('not run yet')}</span>`
  const words = html`<span class="label">${formats.say('Last')} </span
    ><task-status-badge status=${lastStatus}></task-status-badge>
    <span class="small muted" title=${formats.instant(lastRun)}>${formats.relative(Math.min(lastRun, now), now)}</span>`
  const open = (event: Event) =>
    request(event.currentTarget as EventTarget, 'request-open', { taskId: lastTaskId ?? '' })
  return html`${lastTaskId === null ? words : html`<button class="link" type="button" @click=${open}>${words}</button>`}
  ${recentRuns(schedule, formats)}`
}

/** As high as it took long, the newest at the end. */
function recentRuns({ recent = [] }: ScheduleEntry, formats: Formats) {
  if (recent.length < 2) return nothing
  const { say, sayCount, duration, instant } = formats
  const longest = Math.max(1, ...recent.map(({ durationMs }) => durationMs ?? 0))
  const failed = recent.filter(({ status }) => status === 'failed').length
  const label = say('{runs}, {failed}', {
    runs: sayCount(recent.length, 'The last run', 'The last {n} runs'),
    failed: say('{n} failed', { n: failed }),
  })
  const bars = [...recent].reverse().map(({ taskId, status, durationMs, createdAt }) => ({
    share: (durationMs ?? 0) / longest,
    status,
    title: `${say(statusWords[status as keyof typeof statusWords] ?? status)} · ${duration(durationMs)} · ${instant(createdAt)}`,
    taskId,
  }))
  return html`<p class="recent">${sparkline(bars, label)}</p>`
}

const statusWords = {
  pending: 'Pending',
  running: 'Running',
  success: 'Success',
  failed: 'Failed',
  interrupted: 'Interrupted',
  cancelled: 'Cancelled',
} as const

function actions({ funcName, status }: ScheduleEntry, { capabilities, busyActions, onVerb, formats }: RowView) {
  const { say } = formats
  const button = (verb: ScheduleVerb, word: string, iconName: IconName) =>
    html`<button
      class="btn"
      type="button"
      data-verb=${verb}
      aria-label="${word}: ${funcName.slice(0, 80)}"
      ?disabled=${busyActions.has(`schedule-${verb}:${funcName}`)}
      @click=${() => onVerb(verb, funcName)}
    >
      ${icon(iconName)}${word}
    </button>`
  return html`
    ${canDo(capabilities, 'schedule_run') ? button('run', say('Run now'), 'zap') : nothing}
    ${
      !canDo(capabilities, 'schedule_pause')
        ? nothing
        : status === 'paused'
          ? button('resume', say('Resume'), 'play')
          : button('pause', say('Pause'), 'pause')
    }
  `
}

const clocks = new Map<string, Intl.DateTimeFormat>()
const dayParts = { weekday: 'short', day: 'numeric', month: 'short' } as const

/** Weekday, day and time on the clocks of a zone. */
function clockIn(at: number, timeZone: string, { language }: Formats): string {
  return written(at, language, { timeZone, ...dayParts, ...timeParts(at) })
}

/** The time alone, on the operator's clock. */
function timeIn(at: number, { language, timeZone }: Formats): string {
  return written(at, language, { timeZone, ...timeParts(at) })
}

function dayIn(at: number, timeZone: string): string {
  return written(at, 'en', { timeZone, ...dayParts })
}

/** Seconds only where they say something. */
function timeParts(at: number): Intl.DateTimeFormatOptions {
  const second = at % 60_000 === 0 ? {} : ({ second: '2-digit' } as const)
  return { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...second }
}

function written(at: number, language: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${language} ${JSON.stringify(options)}`
  const clock = clocks.get(key) ?? new Intl.DateTimeFormat(language, options)
  clocks.set(key, clock)
  return clock.format(at)
}
