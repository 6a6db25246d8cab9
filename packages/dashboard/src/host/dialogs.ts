import type { ReactiveController, ReactiveElement } from 'lit'
import type { DialogName } from '../events.ts'
import type { DialogElement, PartContext } from '../part-element.ts'
import type { PartsController } from '../parts.ts'

/** The dialogs that are parts: one of each, in the page from the first time that it is opened. */
export class DialogsController implements ReactiveController {
  readonly #host: ReactiveElement
  readonly #parts: PartsController
  #opened: readonly DialogElement[] = []

  constructor(host: ReactiveElement, parts: PartsController) {
    this.#host = host
    this.#parts = parts
    host.addController(this)
  }

  hostConnected(): void {}

  /** What is to stand in the page, each with what it shows. */
  render(context: PartContext): readonly DialogElement[] {
    return this.#opened.map((dialog) => Object.assign(dialog, { context }))
  }

  /** Nothing happens when its file does not come: a second click asks once more. */
  async open(name: DialogName, subject: unknown): Promise<void> {
    const dialog = (await this.#parts.load(`task-${name}-dialog`)) as (DialogElement & Partial<ReactiveElement>) | null
    if (!dialog) return
    if (!this.#opened.includes(dialog)) this.#opened = [...this.#opened, dialog]
    this.#host.requestUpdate()
    await this.#host.updateComplete
    await dialog.updateComplete
    if (dialog.isConnected) dialog.open(subject)
  }
}
