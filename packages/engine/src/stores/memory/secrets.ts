import type { SecretStore } from '../secrets.ts'

/** The reference for what the verbs mean; forgotten with the process. */
export class MemorySecrets implements SecretStore {
  readonly #secrets = new Map<string, string>()

  async keep(name: string, fresh: string): Promise<string> {
    const known = this.#secrets.get(name)
    if (known === undefined) this.#secrets.set(name, fresh)
    return known ?? fresh
  }
}
