import type { Definition, ScheduleDefinition } from '../core/definition.ts'
import { TaskError } from '../core/errors.ts'
import type { SettlePolicy } from '../core/lifecycle.ts'
import { longestDelayMs } from '../core/retry.ts'

/** The functions and schedules of this process. Names are data: a function may be called `constructor`. */
export class Registry {
  readonly #definitions = new Map<string, Definition>()
  readonly #schedules = new Map<string, ScheduleDefinition>()

  /** Throws `duplicate_function` when the name is taken. */
  add(definition: Definition): void {
    if (this.#definitions.has(definition.name)) {
      throw new TaskError('duplicate_function', { message: `A function ${definition.name} is defined already` })
    }
    this.#definitions.set(definition.name, definition)
  }

  addSchedule(schedule: ScheduleDefinition): void {
    this.#schedules.set(schedule.name, schedule)
  }

  find(name: string): Definition | undefined {
    return this.#definitions.get(name)
  }

  /** Throws `not_registered` when nothing has this name. */
  get(name: string): Definition {
    const definition = this.#definitions.get(name)
    if (definition) return definition
    throw new TaskError('not_registered', { message: `No function ${name} is defined in this process`, funcName: name })
  }

  definitions(): readonly Definition[] {
    return [...this.#definitions.values()]
  }

  findSchedule(name: string): ScheduleDefinition | undefined {
    return this.#schedules.get(name)
  }

  schedules(): readonly ScheduleDefinition[] {
    return [...this.#schedules.values()]
  }

  /** What is done with tasks of a function that this process does not know: nothing is repeated. */
  policyOf(name: string): SettlePolicy {
    return this.#definitions.get(name)?.policy ?? unknownPolicy
  }
}

const unknownPolicy: SettlePolicy = {
  retries: 0,
  delayMs: 0,
  backoff: 1,
  maxDelayMs: longestDelayMs,
  jitter: false,
  requeueOnInterrupt: false,
  maxInterruptions: 1,
}
