import { setImmediate } from 'node:timers/promises'
import { progress, taskContext, TaskManager } from '@taskloom/engine'

/** The same functions on the same store for every process; `work` says whether this one runs them. */
export function openTasks({ work }: { work: boolean }) {
  const tasks = new TaskManager({ store: 'tasks.db', work })
  const countPrimes = tasks.define('count_primes', { retries: 3 }, async (below: number) => {
    let found = 0
    for (let number = 2; number < below; number += 1) {
      if (isPrime(number)) found += 1
      if (number % 10_000 > 0) continue
      progress({ current: number, total: below })
      // Lets the process breathe, and ends here when somebody cancels the task.
      await setImmediate()
      taskContext()?.signal.throwIfAborted()
    }
    return found
  })
  return { tasks, countPrimes }
}

function isPrime(number: number): boolean {
  for (let divisor = 2; divisor * divisor <= number; divisor += 1) if (number % divisor === 0) return false
  return true
}
