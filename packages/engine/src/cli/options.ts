/** One option of the command line. */
export interface Option {
  /** What stands for its value in the help; none for a switch. */
  readonly value?: string
  readonly short?: string
  /** Whether it may be given several times. */
  readonly isRepeatable?: true
  /** What it means, with its default. */
  readonly words: string
}

/** Every option of every command: the same name means the same everywhere. */
export const options = {
  store: {
    value: 'STORE',
    words: 'work on this store directly: a SQLite file, or postgres://, mysql://, redis:// and so on (TASKLOOM_STORE)',
  },
  module: {
    value: 'FILE',
    words: 'module with your task manager: makes functions and schedules known (TASKLOOM_MODULE)',
  },
  url: { value: 'URL', words: 'work on a running application, at the address of its mount (TASKLOOM_URL)' },
  token: { value: 'TOKEN', words: 'the bearer token for --url; better in TASKLOOM_TOKEN, which no process list shows' },
  json: { words: 'print JSON with the keys of the protocol' },
  help: { short: 'h', words: 'explain the command' },
  version: { short: 'V', words: 'print the version' },
  from: { value: 'STORE', words: 'where the history is (TASKLOOM_FROM)' },
  to: { value: 'STORE', words: 'where it is to be: empty, or begun and not ended (TASKLOOM_TO)' },
  'verify-only': { words: 'copy nothing, compare what both have' },
  reason: { value: 'TEXT', words: 'why, for the audit log' },
  yes: { short: 'y', words: 'do not ask before changing many' },
  'dry-run': { words: 'only say what would be done' },
  status: { value: 'STATUS', isRepeatable: true, words: 'only tasks in this status; repeatable' },
  func: { value: 'NAME', isRepeatable: true, words: 'only tasks of this function; repeatable' },
  queue: { value: 'NAME', isRepeatable: true, words: 'only tasks in this queue; repeatable' },
  tag: { value: 'KEY:VALUE', isRepeatable: true, words: 'only tasks with this tag; repeatable, all must hold' },
  source: {
    value: 'WORD',
    isRepeatable: true,
    words: 'only tasks asked for by manual, scheduled, retry or api; repeatable',
  },
  since: { value: 'TIME', words: 'only from this time on: 15m, 6h, 7d ago, or an ISO 8601 instant' },
  until: { value: 'TIME', words: 'only before this time' },
  window: { value: 'SPAN', words: 'only of the last 15m, 6h, 7d' },
  q: { value: 'QUERY', words: 'search as in the dashboard: send error:"card declined" tag.env:prod' },
  sort: { value: 'FIELD', words: 'sort by this field, created_at by default' },
  order: { value: 'asc|desc', words: 'rising or falling, desc by default' },
  limit: { value: 'N', words: 'how many rows, 1 to 500; 30 by default' },
  cursor: { value: 'CURSOR', words: 'read on where the last page ended' },
  actor: { value: 'NAME', words: 'only what this one did' },
  action: { value: 'WORD', words: 'only this deed, such as retry or login' },
  outcome: { value: 'ok|failed|denied', words: 'only what ended like this' },
  logs: { words: 'show the whole log' },
  all: { words: 'all that the other options leave' },
  again: { words: 'also those that have a live or successful retry' },
  work: { words: 'run tasks here, as a worker of the module, until this is done' },
  format: { value: 'csv|json', words: 'the format of the file, csv by default' },
  output: { value: 'FILE', short: 'o', words: 'where to write; - is the standard output' },
  'older-than': { value: 'SPAN', words: 'ended longer ago than this: 90m, 12h, 30d' },
  host: { value: 'HOST', words: 'the address to listen on, 127.0.0.1 by default' },
  port: { value: 'PORT', words: 'the port to listen on, 6161 by default; 0 for any free one' },
  user: { value: 'NAME', words: 'who may sign in; the password, or its hash, is in TASKLOOM_PASSWORD' },
  config: { value: 'FILE', words: 'module that exports the options of the mount' },
  write: { words: 'allow commands; without it the dashboard is read-only' },
} as const satisfies Record<string, Option>

/** The name of an option, without its dashes. */
export type OptionName = keyof typeof options

/** Options that every command has. */
export const everywhere: readonly OptionName[] = ['json', 'help']
/** Options of every command that reads or changes tasks. */
export const connecting: readonly OptionName[] = ['store', 'module', 'url', 'token']

/** How an option is defined; its optional parts are there to be asked for. */
export function optionOf(name: OptionName): Option {
  return options[name]
}
