/** The result codes of SQLite that we tell apart. */
const words: Readonly<Record<number, string>> = {
  5: 'SQLITE_BUSY',
  6: 'SQLITE_LOCKED',
  11: 'SQLITE_CORRUPT',
  26: 'SQLITE_NOTADB',
}

/**
 * The word of SQLite for what went wrong, such as `SQLITE_BUSY` or a longer one that begins so, whichever driver says it;
 * null for other errors.
 */
export function sqliteCode(error: unknown): string | null {
  const { code, errcode } = (error ?? {}) as { readonly code?: unknown; readonly errcode?: unknown }
  // Of an extended code the lowest byte is the plain one.
  if (code === 'ERR_SQLITE_ERROR' && typeof errcode === 'number') return words[errcode & 0xff] ?? 'SQLITE_ERROR'
  return typeof code === 'string' && code.startsWith('SQLITE_') ? code : null
}
