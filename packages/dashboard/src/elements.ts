import { Chart } from './elements/chart.ts'
import { ChoiceMenu } from './elements/choice-menu.ts'
import { CopyButton } from './elements/copy-button.ts'
import { FilterRow } from './elements/filter-row.ts'
import { Header } from './elements/header.ts'
import { Menu } from './elements/menu.ts'
import { Notice } from './elements/notice.ts'
import { PageFooter } from './elements/page-footer.ts'
import { SearchBox } from './elements/search-box.ts'
import { StatStrip } from './elements/stat-strip.ts'
import { StatusBadge } from './elements/status-badge.ts'
import { TabBar } from './elements/tab-bar.ts'
import { TaskTable } from './elements/task-table.ts'
import { TimeMenu } from './elements/time-menu.ts'
import { Toasts } from './elements/toasts.ts'
import { TaskDashboard } from './task-dashboard.ts'

/** The elements that are there from the start, by name; `parts.ts` brings the others. The dashboard itself is last. */
export const elements: Readonly<Record<string, CustomElementConstructor>> = {
  'task-status-badge': StatusBadge,
  'task-copy-button': CopyButton,
  'task-menu': Menu,
  'task-choice-menu': ChoiceMenu,
  'task-time-menu': TimeMenu,
  'task-search-box': SearchBox,
  'task-filter-row': FilterRow,
  'task-header': Header,
  'task-stat-strip': StatStrip,
  'task-chart': Chart,
  'task-tab-bar': TabBar,
  'task-table': TaskTable,
  'task-page-footer': PageFooter,
  'task-toasts': Toasts,
  'task-notice': Notice,
  'task-dashboard': TaskDashboard,
}
