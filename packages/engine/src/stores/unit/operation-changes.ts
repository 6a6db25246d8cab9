import type { CollectedSlice, NewOperation, Operation, OperationEnd } from '../operations.ts'

/**
 * What an operation becomes, for stores that read it, decide and write it while nobody else can. Null: it stays as it is.
 * `mayBeDone`: this very change was sent before and no answer came; what looks like its outcome is.
 */
export type OperationChange = (operation: Operation, mayBeDone: boolean) => Operation | null

/** `results` of listed tasks are added later. */
export function newOperation(operation: NewOperation, lastTaskId: string | null, isListed: boolean): Operation {
  return {
    ...operation,
    ...{ status: 'pending', workerId: null, lastTaskId, collectedTo: null },
    ...{ beginsAt: operation.beginsAt ?? null, perSecond: operation.perSecond ?? null },
    isCollected: isListed || lastTaskId === null,
    ...{ total: 0, succeeded: 0, skipped: 0, failed: 0 },
    ...{ startedAt: null, endedAt: null, cancelRequestedAt: null, error: null },
  }
}

export function claimed(workerId: string, from: string | null, now: number): OperationChange {
  return (operation, mayBeDone) => {
    const isMine = mayBeDone && operation.workerId === workerId
    if (operation.endedAt !== null || (operation.workerId !== from && !isMine)) return null
    const { beginsAt, startedAt } = operation
    const isEarly = startedAt === null && beginsAt !== null && now < beginsAt
    return isEarly
      ? { ...operation, workerId }
      : { ...operation, workerId, status: 'running', startedAt: startedAt ?? now }
  }
}

/** `added` of the tasks of the slice did not belong to it yet. */
export function collected({ workerId, from, to, isLast }: CollectedSlice, added: number): OperationChange {
  return (operation, mayBeDone) => {
    if (operation.endedAt !== null || operation.workerId !== workerId) return null
    if (mayBeDone && operation.collectedTo === to && operation.isCollected === isLast) return operation
    if (operation.isCollected || operation.collectedTo !== from) return null
    return { ...operation, collectedTo: to, isCollected: isLast, total: operation.total + added }
  }
}

export function undone(at: number): OperationChange {
  return (operation, mayBeDone) => {
    if (mayBeDone && operation.status === 'cancelled' && operation.endedAt === at) return operation
    if (operation.status !== 'pending' || operation.beginsAt === null) return null
    return { ...operation, status: 'cancelled', cancelRequestedAt: at, endedAt: at }
  }
}

export function cancelRequested(at: number): OperationChange {
  return (operation) =>
    operation.endedAt === null ? { ...operation, cancelRequestedAt: operation.cancelRequestedAt ?? at } : null
}

export function finished({ workerId, status, error, at }: OperationEnd): OperationChange {
  return (operation, mayBeDone) => {
    if (operation.workerId !== workerId) return null
    if (mayBeDone && operation.status === status && operation.endedAt === at) return operation
    return operation.endedAt === null ? { ...operation, status, error, endedAt: at } : null
  }
}
