import type { Write, Written } from '../store.ts'

/** Two transactions cost more than one: only what is as long as this is worth its own. */
const leastPart = 100

/**
 * Does changes of tasks and plain new tasks side by side where there are many of both; each answer stands at the place of its
 * write. What might concern each other stays together.
 */
export async function inParts(
  batch: readonly Write[],
  write: (part: readonly Write[]) => Promise<readonly Written[]>,
): Promise<readonly Written[]> {
  if (batch.length < 2 * leastPart) return write(batch)
  const plain = batch.filter(isPlain)
  const others = batch.filter((entry) => !isPlain(entry))
  if (plain.length < leastPart || others.length < leastPart || areMixed(plain, others)) return write(batch)
  const [plainAnswers, otherAnswers] = await Promise.all([write(plain), write(others)])
  let [nextPlain, nextOther] = [0, 0]
  return batch.map((entry) => (isPlain(entry) ? plainAnswers[nextPlain++] : otherAnswers[nextOther++]) ?? null)
}

/** A new task that nothing else can be in the way of. */
function isPlain({ previous, next, operation, audit, ...write }: Write): boolean {
  return (
    previous === null &&
    next.idempotencyKey === null &&
    next.slotAt === null &&
    next.locks.length === 0 &&
    operation === undefined &&
    audit === undefined &&
    !('marks' in write && write.marks !== undefined)
  )
}

/** Whether a new task is changed in the same batch. */
function areMixed(plain: readonly Write[], others: readonly Write[]): boolean {
  const taskIds = new Set(plain.map(({ next }) => next.taskId))
  return others.some(({ next }) => taskIds.has(next.taskId))
}
