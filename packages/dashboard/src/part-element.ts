import type { Client, DashboardState } from '@taskloom/client'
import { LitElement } from 'lit'
import { property } from 'lit/decorators.js'
import type { Formats } from './format.ts'
import type { Given } from './host/given.ts'
import type { HostPanel } from './host-panel.ts'

/** What a part is given: the state, the words, and whom to ask for what the state does not hold. */
export interface PartContext {
  readonly state: DashboardState
  readonly formats: Formats
  /** For reads of a part's own, by `@lit/task`. Commands go up as `request-command`. */
  readonly client: Client
  /** What the page and the operator set. */
  readonly given: Given
  /** Panels that the page draws itself. */
  readonly panels: readonly HostPanel[]
}

/** An element that is loaded when it is first needed, see `parts.ts`. */
export class PartElement extends LitElement {
  /** Another object after each change of the state. Set before the element is first drawn. */
  @property({ attribute: false }) context!: PartContext

  protected get state(): DashboardState {
    return this.context.state
  }

  protected get formats(): Formats {
    return this.context.formats
  }
}

/** A part that is given something to do. */
export interface Tool extends HTMLElement {
  use(subject: unknown): void
}

/** A part that is a dialog. */
export interface DialogElement extends HTMLElement {
  context: PartContext
  /** Shows it; `subject` is what it is about, see `DialogSubjects`. */
  open(subject: unknown): void
}
