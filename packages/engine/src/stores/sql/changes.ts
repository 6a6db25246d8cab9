/** Tells other processes on the same store that something was committed here, and hears that from them. */
export interface Changes {
  /** Begins to listen: whatever others commit after this has resolved is noticed. */
  open(): Promise<void>
  /** Something was committed here. Told soon, and several commits at once; the last one always. */
  tell(): void
  /** A number that is another one when others may have committed something since it was last asked for. */
  foreign(): number
  /** Tells what is due, and listens no more. Never rejects. */
  close(): Promise<void>
}
