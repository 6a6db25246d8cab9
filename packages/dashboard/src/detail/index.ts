import { DetailPanel } from './detail-panel.ts'
import { JsonSection } from './json-section.ts'
import { JsonTree } from './json-tree.ts'

export const elements = {
  'task-json-tree': JsonTree,
  'task-json-section': JsonSection,
  'task-detail-panel': DetailPanel,
}
