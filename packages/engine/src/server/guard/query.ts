import { ProtocolError } from '@taskloom/protocol'

/** Refuses parameters that a route does not read: a misspelt filter must not answer with everything. */
export function assertKnownParameters(query: URLSearchParams, known: readonly string[]): void {
  for (const name of query.keys()) {
    if (known.includes(name)) continue
    const shown = name.slice(0, 60)
    throw new ProtocolError('bad_query', `${shown}: not a parameter of this route`, { parameter: shown })
  }
}
