/** The least id that a task created at an instant can have. */
export function firstIdAt(instant: number): string {
  const time = Math.min(Math.max(0, instant), 2 ** 48 - 1)
    .toString(16)
    .padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}`
}
