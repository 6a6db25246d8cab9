import type { Clock } from '@taskloom/engine'

export interface MachineClockOptions {
  /** Epoch milliseconds. */
  readonly beganAt: number
  readonly speed: number
  readonly clockFile: string
}

export function machineClock(options: MachineClockOptions): Clock
export function clockSetter(clockFile: string): (offsetMs: number) => void
