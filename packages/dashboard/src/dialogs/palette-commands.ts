import { canDo, offeredActions, type DashboardState, type WordTable } from '@taskloom/client'
import { actionIcons, actionWords } from '../detail/action-words.ts'
import { request, type RequestEvents, type RequestName } from '../events.ts'
import { shortId, type Formats } from '../format.ts'
import { tabEntries } from '../host/selections.ts'
import type { IconName } from '../icons.ts'
import type { PartContext } from '../part-element.ts'
import { fits } from './palette-fuzzy.ts'

/** Something that the palette can do. */
export interface PaletteCommand {
  /** The same whenever it is offered, so that it is known to have been used. */
  readonly id: string
  readonly words: string
  /** What kind of thing it is. */
  readonly group: string
  readonly icon: IconName
  run(from: EventTarget): void
}

const groups = {
  go: 'Go to',
  task: 'Task',
  selected: 'Selected',
  filter: 'Filter',
  look: 'Look',
  page: 'Page',
} as const satisfies WordTable

const mostTasks = 6

/** What can be done now, in the order of its groups; commands that this caller may not do are not among them. Pure. */
export function paletteCommands(context: PartContext): readonly PaletteCommand[] {
  const { state, formats } = context
  return [
    ...taskCommands(state, formats),
    ...selectionCommands(state, formats),
    ...goCommands(context),
    ...filterCommands(state, formats),
    ...pageCommands(state, formats),
    ...lookCommands(formats),
  ]
}

/** Tasks that what is typed may mean: by the end or all of an id, and a search for it. */
export function foundCommands(typed: string, state: DashboardState, formats: Formats): readonly PaletteCommand[] {
  const wanted = typed.trim()
  if (wanted.length < 3) return []
  const { say } = formats
  const isWhole = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i.test(wanted)
  const tasks = state.list.tasks.filter(({ taskId }) => taskId.includes(wanted.toLowerCase()))
  const open = (taskId: string, name: string): PaletteCommand =>
    command(`open:${taskId}`, say('Open {name} · {id}', { name, id: shortId(taskId) }), say(groups.task), 'play', [
      'request-open',
      { taskId },
    ])
  return [
    ...tasks.slice(0, mostTasks).map(({ taskId, funcName }) => open(taskId, funcName.slice(0, 80))),
    ...(isWhole && tasks.length === 0 ? [open(wanted.toLowerCase(), say('the task'))] : []),
    command('search', say('Search for “{text}”', { text: wanted.slice(0, 80) }), say(groups.filter), 'search', [
      'request-view',
      { tab: 'view', search: wanted },
    ]),
  ]
}

/** Those that fit what is typed, the best first; with nothing typed, the latest used first. Pure. */
export function rankCommands(
  commands: readonly PaletteCommand[],
  typed: string,
  recent: readonly string[],
): readonly PaletteCommand[] {
  const place = (id: string) => (recent.includes(id) ? recent.indexOf(id) : Infinity)
  if (typed.trim() === '') {
    return [...commands].sort((a, b) => compare(place(a.id), place(b.id)))
  }
  return commands
    .flatMap((each) => {
      const score = fits(`${each.words} ${each.group}`, typed)
      return score === null ? [] : [{ each, score: score + (recent.includes(each.id) ? 20 : 0) }]
    })
    .sort((a, b) => b.score - a.score)
    .map(({ each }) => each)
}

function taskCommands(state: DashboardState, formats: Formats): readonly PaletteCommand[] {
  const task = state.open?.detail
  if (!task) return []
  const { say } = formats
  const name = `${task.funcName.slice(0, 60)} · ${shortId(task.taskId)}`
  return [
    ...offeredActions(task, state.capabilities).map(({ action }) =>
      command(`task:${action}`, `${say(actionWords[action])}: ${name}`, say(groups.task), actionIcons[action], [
        'request-intent',
        { verb: action, taskId: task.taskId },
      ]),
    ),
    command('task:close', say('Close the panel'), say(groups.task), 'close', ['request-close', null]),
  ]
}

function selectionCommands({ selectedIds, capabilities }: DashboardState, { say, sayCount }: Formats) {
  if (selectedIds.size === 0) return []
  const retry = command(
    'selected:retry',
    sayCount(selectedIds.size, 'Retry {n} selected task', 'Retry {n} selected tasks'),
    say(groups.selected),
    'retry',
    ['request-retry-selected', {}],
  )
  const clear = command('selected:clear', say('Select none'), say(groups.selected), 'close', [
    'request-clear-selection',
    null,
  ])
  return canDo(capabilities, 'bulk_retry') ? [retry, clear] : [clear]
}

function goCommands(context: PartContext): readonly PaletteCommand[] {
  const { formats } = context
  return tabEntries(context).map(({ name, word }) =>
    command(`go:${name}`, word, formats.say(groups.go), 'sortDown', ['request-tab', { tab: name }]),
  )
}

function filterCommands({ types, queues }: DashboardState, { say }: Formats): readonly PaletteCommand[] {
  const group = say(groups.filter)
  return [
    ...types
      .slice(0, 300)
      .map(({ funcName }) =>
        command(`function:${funcName}`, say('Function {name}', { name: funcName.slice(0, 80) }), group, 'search', [
          'request-view',
          { tab: 'view', funcNames: [funcName] },
        ]),
      ),
    ...queues
      .slice(0, 300)
      .map(({ queue }) =>
        command(`queue:${queue}`, say('Queue {name}', { name: queue.slice(0, 80) }), group, 'search', [
          'request-view',
          { tab: 'view', queues: [queue] },
        ]),
      ),
    command('filter:failed', say('Only failed tasks'), group, 'alert', [
      'request-view',
      { tab: 'view', statuses: ['failed'] },
    ]),
    command('filter:running', say('Only running tasks'), group, 'running', [
      'request-view',
      { tab: 'view', statuses: ['running'] },
    ]),
    command('filter:clear', say('Clear all filters'), group, 'close', ['request-clear-filters', null]),
  ]
}

function pageCommands({ isPaused, capabilities }: DashboardState, { say }: Formats): readonly PaletteCommand[] {
  const group = say(groups.page)
  const pause = isPaused ? say('Resume live updates') : say('Pause live updates')
  return [
    ...(canDo(capabilities, 'enqueue')
      ? [command('enqueue', say('Enqueue a task'), group, 'play', ['request-dialog', { dialog: 'enqueue' }])]
      : []),
    command('pause', pause, group, isPaused ? 'play' : 'pause', ['request-pause', { isPaused: !isPaused }]),
    command('refresh', say('Refresh now'), group, 'refresh', ['request-refresh', null]),
    ...(canDo(capabilities, 'export')
      ? [command('export', say('Export all matching tasks as CSV'), group, 'download', ['request-export', null])]
      : []),
    ...(canDo(capabilities, 'clear_history')
      ? [
          command('clear-history', say('Clear the history…'), group, 'trash', [
            'request-dialog',
            { dialog: 'clear-history' },
          ]),
        ]
      : []),
    command('help', say('Keyboard shortcuts'), group, 'keyboard', ['request-dialog', { dialog: 'help' }]),
  ]
}

function lookCommands({ say }: Formats): readonly PaletteCommand[] {
  const group = say(groups.look)
  const theme = (name: 'auto' | 'light' | 'dark', words: string) =>
    command(`theme:${name}`, words, group, name === 'light' ? 'sun' : 'moon', ['request-theme', { theme: name }])
  const density = (name: 'compact' | 'normal' | 'comfortable', words: string) =>
    command(`density:${name}`, words, group, 'more', ['request-density', { density: name }])
  return [
    command('clock', say('Time zone and clock…'), group, 'clock', ['request-dialog', { dialog: 'clock' }]),
    theme('light', say('Light theme')),
    theme('dark', say('Dark theme')),
    theme('auto', say('Theme as the page')),
    density('compact', say('Compact rows')),
    density('normal', say('Normal rows')),
    density('comfortable', say('Comfortable rows')),
  ]
}

type Asked = { readonly [N in RequestName]: readonly [name: N, detail: RequestEvents[N]] }[RequestName]

function command(id: string, words: string, group: string, icon: IconName, asked: Asked): PaletteCommand {
  const [name, detail] = asked
  const send = request as (from: EventTarget, name: RequestName, detail: unknown) => void
  return { id, words, group, icon, run: (from) => send(from, name, detail) }
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b
}
