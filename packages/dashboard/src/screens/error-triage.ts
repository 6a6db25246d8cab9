import { canDo, type Command, type DashboardState, type WordTable, type Words } from '@taskloom/client'
import { routes, type ErrorGroup } from '@taskloom/protocol'
import { html, nothing } from 'lit'
import type { Formats } from '../format.ts'
import { icon, type IconName } from '../icons.ts'
import { textOf } from './error-group.ts'

/** What can be said of a kind of failure. */
export type TriageVerb = 'resolve' | 'ignore' | 'reopen'

const verbWords = { resolve: 'Resolve', ignore: 'Ignore', reopen: 'Reopen' } as const satisfies WordTable
const verbIcons: Readonly<Record<TriageVerb, IconName>> = { resolve: 'check', ignore: 'ban', reopen: 'refresh' }
const verbRoutes = { resolve: routes.resolveError, ignore: routes.ignoreError, reopen: routes.reopenError }

/** What is left to say of it. */
export function verbsOf({ state = 'open' }: ErrorGroup): readonly TriageVerb[] {
  if (state === 'resolved') return ['reopen', 'ignore']
  if (state === 'ignored') return ['reopen', 'resolve']
  return ['resolve', 'ignore']
}

/** The command that says it; it is taken back by another. */
export function triageCommand(verb: TriageVerb, group: ErrorGroup): Command {
  return {
    route: verbRoutes[verb],
    action: 'triage',
    at: { id: group.fingerprint },
    body: {},
    key: keyOf(verb, group),
    done: doneWords(verb, textOf(group).slice(0, 80)),
    hints: ['audit'],
  }
}

/** Items of a menu; none where the caller may not. */
export function renderTriage(
  group: ErrorGroup,
  { capabilities, busyActions }: DashboardState,
  { say }: Formats,
  onChoose: (verb: TriageVerb) => void,
) {
  if (!canDo(capabilities, 'triage')) return nothing
  return html`<hr />
    ${verbsOf(group).map(
      (verb) =>
        html`<button
          class="item"
          type="button"
          data-verb=${verb}
          ?disabled=${busyActions.has(keyOf(verb, group))}
          @click=${() => onChoose(verb)}
        >
          ${icon(verbIcons[verb])}<span>${say(verbWords[verb])}</span>
        </button>`,
    )}`
}

function doneWords(verb: TriageVerb, error: string): Words {
  switch (verb) {
    case 'resolve':
      return { text: 'Resolved until it is seen again: {error}', values: { error } }
    case 'ignore':
      return { text: 'Ignored from now on: {error}', values: { error } }
    case 'reopen':
      return { text: 'Open again: {error}', values: { error } }
  }
}

function keyOf(verb: TriageVerb, { fingerprint }: ErrorGroup): string {
  return `${verb}-error:${fingerprint}`
}
