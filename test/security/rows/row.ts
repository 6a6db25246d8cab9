import type { House } from '../house.ts'

/** One requirement, and how it is shown on all three hosts. */
export interface Row {
  /** `A1` to `A50`. */
  readonly id: string
  /** What is required, in a few words. */
  readonly title: string
  readonly show: (house: House) => Promise<void>
}
