/** A page of the site: the file of `docs/` without `.md`, and what the sidebar calls it if not by its heading. */
export interface Entry {
  readonly page: string
  readonly label?: string
}

/** A chapter of the sidebar: pages, and chapters of its own. */
export interface Chapter {
  readonly title: string
  readonly entries: readonly (Entry | Chapter)[]
  /** Whether it is closed until a reader opens it; open by default. */
  readonly isClosed?: boolean
}

const page = (name: string, label?: string): Entry => (label === undefined ? { page: name } : { page: name, label })

/**
 * The sidebar, in the order in which somebody who is new here needs it. Every page of `docs/` is in it once, which
 * `test/docs/contents.test.ts` holds; `overview`, `contributing` and `changelog` are the pages at the root of the
 * repository, and the pages below `api/` are written from the docstrings.
 */
export const contents: readonly Chapter[] = [
  {
    title: 'Start',
    entries: [
      page('overview', 'Overview and quick starts'),
      page('five-minutes'),
      page('defining-tasks'),
      page('embedding'),
      page('frameworks', 'React, Vue, Angular, Svelte'),
      page('auth'),
      page('guarantees'),
    ],
  },
  {
    title: 'Guides',
    entries: [
      {
        title: 'Running tasks',
        entries: [
          page('retries'),
          page('schedules'),
          page('dispatching'),
          page('executors', 'Executors'),
          page('middleware'),
          page('locks'),
          page('transactions'),
          page('request-scope'),
          page('private-data'),
          page('testing-your-tasks'),
        ],
      },
      {
        title: 'Stores and machines',
        entries: [page('stores'), page('database-servers'), page('outgrowing-one-machine'), page('writing-a-store')],
      },
      {
        title: 'The page',
        entries: [
          page('screens'),
          page('one-task'),
          page('finding-tasks'),
          page('many-tasks'),
          page('page-forms', 'Enqueue, clone, schedule'),
          page('exports'),
          page('insights', 'Figures beside lists'),
          page('live'),
          page('keyboard'),
          page('accessibility'),
        ],
      },
      {
        title: 'Made your own',
        entries: [
          page('theming'),
          page('small-elements'),
          page('panels'),
          page('end-users'),
          page('permissions'),
          page('csp-and-proxies'),
        ],
      },
      {
        title: 'Seeing what happens',
        entries: [page('observers'), page('webhooks'), page('tracing'), page('metrics')],
      },
    ],
  },
  {
    title: 'Operate',
    entries: [
      page('operating'),
      page('cli'),
      page('operations'),
      page('by-hand'),
      page('shutdown'),
      page('housekeeping'),
      page('audit'),
      page('security'),
      page('backup-and-capacity'),
      page('upgrading'),
      page('releases'),
    ],
  },
  {
    title: 'Reference',
    entries: [page('element'), page('protocol')],
  },
  {
    title: 'Coming from',
    entries: [
      page('coming-from-background-tasks', 'BackgroundTasks, fastapi-taskflow'),
      page('coming-from-soniq', 'Soniq'),
      page('coming-from-powercrud', 'powercrud'),
      page('coming-from-agenda', 'Agenda'),
      page('coming-from-bull-board', 'bull-board'),
      page('behaviours', 'fastapi-taskflow, by behaviour'),
      page('compared', 'fastapi-taskflow, by screen'),
    ],
  },
  {
    title: 'About',
    entries: [
      page('features', 'Features and their tests'),
      page('proof'),
      page('limits'),
      page('comparison'),
      page('benchmarks'),
      page('gallery'),
      page('contributing'),
      page('changelog'),
    ],
  },
]

/** The pages of a chapter and of all below it, in order. */
export function pagesOf(chapters: readonly (Entry | Chapter)[]): readonly Entry[] {
  return chapters.flatMap((each) => ('page' in each ? [each] : pagesOf(each.entries)))
}
