// The clock of a machine on which an hour takes some minutes, and which somebody sets: how far it is ahead stands in a
// file, so that all processes see the same at the same moment, whatever else they wait for.
import { openSync, readSync, writeSync } from 'node:fs'

export function machineClock({ beganAt, speed, clockFile }) {
  const file = openSync(clockFile, 'r')
  const bytes = Buffer.alloc(8)
  const offset = () => {
    readSync(file, bytes, 0, 8, 0)
    return bytes.readDoubleLE(0)
  }
  return {
    now: () => beganAt + Math.round((Date.now() - beganAt) * speed + offset()),
    after(delayMs, callback) {
      const timer = setTimeout(callback, Math.max(0, delayMs) / speed).unref()
      return () => clearTimeout(timer)
    },
  }
}

/** Makes the file, or says in it how far the clock is ahead now. */
export function clockSetter(clockFile) {
  const file = openSync(clockFile, 'w')
  const bytes = Buffer.alloc(8)
  const set = (offsetMs) => {
    bytes.writeDoubleLE(offsetMs, 0)
    writeSync(file, bytes, 0, 8, 0)
  }
  set(0)
  return set
}
