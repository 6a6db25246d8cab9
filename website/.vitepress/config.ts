import { defineConfig, type DefaultTheme } from 'vitepress'
import { contents, type Chapter, type Entry } from '../contents.ts'
import { apiChapters } from '../reference/contents.ts'
import { readSources, readText, titleOf } from '../sources.ts'
import { slugOf } from '../slug.ts'

const titles = new Map(readSources().map(({ path, page }) => [page, titleOf(readText(path))]))

/** Three rows of a list, of which one is done, one runs and one waits. */
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"><rect width="16" height="16" rx="3.5" fill="#1b1c1e"/>
<rect x="3" y="3.5" width="10" height="2" rx="1" fill="#4cc27b"/><rect x="3" y="7" width="7" height="2" rx="1" fill="#7aa5ff"/>
<rect x="3" y="10.5" width="4" height="2" rx="1" fill="#9aa1ac"/></svg>`

export default defineConfig({
  title: 'Taskloom',
  description: 'Background tasks for Node, and a dashboard that lives inside your own admin page.',
  lang: 'en-GB',
  head: [['link', { rel: 'icon', href: `data:image/svg+xml,${encodeURIComponent(icon)}` }]],
  srcDir: 'pages',
  outDir: 'dist',
  cacheDir: 'node_modules/.vitepress',
  // Links to what is not there stop the build; `check.ts` looks at anchors.
  ignoreDeadLinks: false,
  markdown: {
    anchor: { slugify: slugOf },
    theme: { light: 'github-light', dark: 'github-dark' },
    languageAlias: { promql: 'sql' },
  },
  // The search index is one chunk, which is loaded when somebody searches.
  vite: { build: { chunkSizeWarningLimit: 2_000 } },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/overview' },
      { text: 'Elements', link: '/element' },
      { text: 'Protocol', link: '/protocol' },
      { text: 'Names', link: '/api/' },
    ],
    sidebar: contents.map((chapter) => sidebarOf(chapter)),
    outline: { level: [2, 3], label: 'On this page' },
    search: { provider: 'local' },
    docFooter: { prev: 'Before', next: 'Next' },
    sidebarMenuLabel: 'Contents',
    returnToTopLabel: 'To the top',
  },
})

function sidebarOf(chapter: Chapter, depth = 0): DefaultTheme.SidebarItem {
  const items = chapter.entries.map((entry) => ('page' in entry ? itemOf(entry) : sidebarOf(entry, depth + 1)))
  const references = chapter.title === 'Reference' ? [referenceItem()] : []
  return { text: chapter.title, collapsed: depth > 0 && chapter.isClosed === true, items: [...items, ...references] }
}

function itemOf({ page, label }: Entry): DefaultTheme.SidebarItem {
  return { text: label ?? titles.get(page) ?? page, link: `/${page}` }
}

/** The names of the packages, each package closed until one of its pages is read. */
function referenceItem(): DefaultTheme.SidebarItem {
  const packages = apiChapters().map(({ name, entries }) => ({
    text: name,
    collapsed: true,
    items: entries.map(({ specifier, page }) => ({ text: specifier.replace('@taskloom/', ''), link: `/api/${page}` })),
  }))
  return { text: 'Names of the packages', link: '/api/', collapsed: false, items: packages }
}
