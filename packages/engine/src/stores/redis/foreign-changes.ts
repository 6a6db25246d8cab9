import type { RedisClient, Subscription } from './client.ts'

/** Hears of what other store instances have committed. */
export class ForeignChanges {
  #version = 0
  #subscription: Subscription | null = null

  constructor(private readonly instanceId: string) {}

  async open(client: RedisClient, channel: string): Promise<void> {
    const hear = (instanceId: string): void => {
      if (instanceId !== this.instanceId) this.#version += 1
    }
    // What was told while nobody listened may be anything.
    this.#subscription = await client.subscribe(channel, hear, () => (this.#version += 1))
  }

  /** Another number after others have committed. While nothing is heard it is another one each time. */
  get version(): number {
    if (this.#subscription?.isHearing() !== true) this.#version += 1
    return this.#version
  }

  close(): void {
    this.#subscription?.close()
  }
}
