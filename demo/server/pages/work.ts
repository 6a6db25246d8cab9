import { html } from './html.ts'
import { layout } from './layout.ts'

/** The whole of what embedding takes: one script and one tag. */
export function workPage(): string {
  return layout({
    title: 'Background work',
    section: '/admin/work',
    head: html`<script type="module" src="/tasks/dashboard/assets/task-dashboard.js"></script>`,
    body: html`<task-dashboard src="/tasks" title="Background work"></task-dashboard>
      <noscript>Background work is shown by a script.</noscript>`,
  })
}
