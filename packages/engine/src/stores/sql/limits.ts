/** How long things may take. */
export interface Limits {
  /** A new connection, or waiting for one that is free. */
  readonly connectMs: number
  /** One statement, waiting for locks included. */
  readonly statementMs: number
}
