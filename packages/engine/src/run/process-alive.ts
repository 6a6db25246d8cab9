import { kill } from 'node:process'

/** Whether a process with this id is there on this machine; one that is not ours to signal is. */
export function isProcessAlive(pid: number): boolean {
  try {
    kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
