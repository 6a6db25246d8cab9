export type * from './changes.ts'
export { decide, decideAll, type Decision } from './decide.ts'
export { itemName, needsOf, slotName, type Doubt, type Known, type Needs, type SeenTask, type Slot } from './known.ts'
export { heldKeyOf } from './unit-of-work.ts'
