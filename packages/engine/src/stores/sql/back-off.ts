const firstMs = 100
const longestMs = 5_000

/** How long to wait after so many failures in a row, so that not all processes come back at the same moment. */
export function backOffMs(failures: number, chance: () => number): number {
  return Math.min(longestMs, firstMs * 2 ** Math.min(10, failures - 1)) * (0.5 + 0.5 * chance())
}
