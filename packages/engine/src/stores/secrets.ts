/** Keeps secrets that all processes on the store share, and that outlive them where tasks do. */
export interface SecretStore {
  /** Stores the secret under this name unless there is one, and gives the one that is stored. */
  keep(name: string, fresh: string): Promise<string>
}
