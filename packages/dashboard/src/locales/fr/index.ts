import { dialogs } from './dialogs.ts'
import { fleet } from './fleet.ts'
import { forms } from './forms.ts'
import { list } from './list.ts'
import { panel } from './panel.ts'
import { screens } from './screens.ts'
import { work } from './work.ts'

export const catalogue = { ...list, ...panel, ...dialogs, ...screens, ...fleet, ...work, ...forms }
