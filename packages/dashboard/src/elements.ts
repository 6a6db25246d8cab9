import { DetailPanel } from './detail/detail-panel.ts'
import { LogView } from './detail/log-view.ts'
import { Chart } from './elements/chart.ts'
import { ChoiceMenu } from './elements/choice-menu.ts'
import { ClearHistoryDialog } from './elements/clear-history-dialog.ts'
import { ConfirmDialog } from './elements/confirm-dialog.ts'
import { CopyButton } from './elements/copy-button.ts'
import { FilterRow } from './elements/filter-row.ts'
import { Header } from './elements/header.ts'
import { HelpDialog } from './elements/help-dialog.ts'
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
import { DeadLetters } from './screens/dead-letters.ts'
import { Schedules } from './screens/schedules.ts'
import { Functions } from './screens/tasks.ts'
import { TaskDashboard } from './task-dashboard.ts'

/** Every element and its name, for whoever registers them in a registry of their own. The dashboard itself is last. */
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
  'task-help-dialog': HelpDialog,
  'task-clear-history-dialog': ClearHistoryDialog,
  'task-confirm-dialog': ConfirmDialog,
  'task-log-view': LogView,
  'task-detail-panel': DetailPanel,
  'task-dead-letters': DeadLetters,
  'task-schedules': Schedules,
  'task-functions': Functions,
  'task-dashboard': TaskDashboard,
}
