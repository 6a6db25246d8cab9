/** What every token for end users begins with, so that it is taken for nothing else. */
export const publicTokenPrefix = 'tlp_'
/** Longer than any that we give out. */
export const maxPublicTokenLength = 8_000

/** What a token for end users lets its bearer read. */
export interface PublicGrant {
  /** These tasks and no others. */
  readonly taskIds: readonly string[]
  /** Their results, too. */
  readonly includeResult: boolean
  /** Their logs, too. */
  readonly includeLogs: boolean
  /** The one-line message of their error, too. */
  readonly includeError: boolean
  /** When it ends, epoch milliseconds. */
  readonly expiresAt: number
}

/** Knows which tokens a source has given out. */
export interface PublicTokenReader {
  /** What the token grants; null for one that is not ours, was changed, or is over. */
  read(token: string, now: number): Promise<PublicGrant | null>
}

/** The token of a request, which begins with {@link publicTokenPrefix}; null when it has none such. */
export function readPublicToken(headers: Headers): string | null {
  const [, token = null] = /^Bearer +(\S+) *$/i.exec(headers.get('authorization') ?? '') ?? []
  return token !== null && token.startsWith(publicTokenPrefix) ? token : null
}
