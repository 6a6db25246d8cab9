import { DatabaseError } from './database.ts'

/** Settles as the promise does, or fails when that takes longer: what was asked is not waited for any more. */
export async function within<T>(limitMs: number, asked: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new DatabaseError('unreachable', `The database did not answer within ${limitMs} ms`)),
      limitMs,
    )
  })
  try {
    return await Promise.race([asked, late])
  } finally {
    clearTimeout(timer)
  }
}
