/** What a question may cost that roll-ups and indexes cannot answer: rows looked at, and rows counted. */
export const maxScanned = 20_000
export const maxCounted = 10_000
/** Sets up to this size are read whole and sorted. */
export const maxSorted = 2_000
