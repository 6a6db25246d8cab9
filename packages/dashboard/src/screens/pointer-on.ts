import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** Whether the pointer is on a part or on what stands beside it: then nothing in it may come, go or move. */
export class PointerOn implements ReactiveController {
  readonly #host: ReactiveControllerHost & HTMLElement
  #place: HTMLElement | null = null
  #isOn = false

  constructor(host: ReactiveControllerHost & HTMLElement) {
    this.#host = host
    host.addController(this)
  }

  get isOn(): boolean {
    return this.#isOn
  }

  hostConnected(): void {
    this.#isOn = false
    this.#place = this.#host.parentElement ?? this.#host
    this.#place.addEventListener('pointerenter', this.#enter)
    this.#place.addEventListener('pointerleave', this.#leave)
  }

  hostDisconnected(): void {
    this.#place?.removeEventListener('pointerenter', this.#enter)
    this.#place?.removeEventListener('pointerleave', this.#leave)
  }

  readonly #enter = (): void => this.#set(true)
  readonly #leave = (): void => this.#set(false)

  #set(isOn: boolean): void {
    this.#isOn = isOn
    this.#host.requestUpdate()
  }
}
