/** Which job is meant: ids are unique in a queue only. */
export interface JobPlace {
  readonly queue: string
  readonly jobId: string
}

/**
 * `mail:42`: names of queues have no colon. What no segment of an address may hold is written as in addresses, so that every
 * id can be asked for.
 */
export function taskIdOf({ queue, jobId }: JobPlace): string {
  return `${escape(queue)}:${escape(jobId)}`
}

/** The job that a task stands for; null when it stands for none. */
export function placeOfTask(taskId: string): JobPlace | null {
  const colon = taskId.indexOf(':')
  if (colon <= 0 || colon === taskId.length - 1) return null
  const [queue, jobId] = [unescape(taskId.slice(0, colon)), unescape(taskId.slice(colon + 1))]
  return queue === null || jobId === null ? null : { queue, jobId }
}

/** A job as BullMQ names it to others: `bull:mail:42`, with `bull:` as the prefix. Null for what does not begin so. */
export function placeOfKey(key: string, prefix: string): JobPlace | null {
  if (!key.startsWith(prefix)) return null
  const rest = key.slice(prefix.length)
  const colon = rest.indexOf(':')
  return colon <= 0 ? null : { queue: rest.slice(0, colon), jobId: rest.slice(colon + 1) }
}

function escape(text: string): string {
  return text.replace(/[%/\\\0]/g, (character) => encodeURIComponent(character))
}

function unescape(text: string): string | null {
  try {
    return text.replace(/%[0-9A-F]{2}/g, (code) => decodeURIComponent(code))
  } catch {
    return null
  }
}
