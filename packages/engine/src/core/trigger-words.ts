import { formatDuration } from './duration.ts'
import type { Trigger } from './trigger.ts'

const dayNames = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday']
const unitWords = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
  [1_000, 'second'],
] as const

/** The trigger as it was written, e.g. `every 30s` or `0 9 * * 1-5`. */
export function formatTrigger(trigger: Trigger): string {
  return trigger.kind === 'every' ? `every ${formatDuration(trigger.everyMs)}` : trigger.expression
}

/** The trigger in plain words, e.g. `Every 30 seconds` or `At 09:00, Monday to Friday`. */
export function describeTrigger(trigger: Trigger): string {
  if (trigger.kind === 'every') return `Every ${countedUnit(trigger.everyMs)}`
  return describeCron(trigger.expression) ?? `At the times of ${trigger.expression}`
}

function countedUnit(ms: number): string {
  for (const [unitMs, word] of unitWords) {
    if (ms % unitMs === 0) return ms === unitMs ? word : `${ms / unitMs} ${word}s`
  }
  return formatDuration(ms)
}

/** Words for the forms people write; null for the rest, which no sentence makes clearer. */
function describeCron(expression: string): string | null {
  const fields = expression.trim().split(/\s+/)
  if (fields.length !== 5) return null
  const [minute, hour, day, month, weekday] = fields as [string, string, string, string, string]
  const time = describeTime(minute, hour)
  const days = describeDays(day, month, weekday)
  if (time === null || days === null) return null
  return days === '' ? time : `${time}, ${days}`
}

function describeTime(minute: string, hour: string): string | null {
  if (minute === '*' && hour === '*') return 'Every minute'
  const step = /^\*\/(\d+)$/.exec(minute)
  if (step && hour === '*') return `Every ${step[1]} minutes`
  if (!isNumber(minute)) return null
  if (hour === '*') return minute === '0' ? 'Every hour' : `Every hour at minute ${minute}`
  const hourStep = /^\*\/(\d+)$/.exec(hour)
  if (hourStep) return `Every ${hourStep[1]} hours at minute ${minute}`
  const hours = hour.split(',')
  if (!hours.every(isNumber)) return null
  return `At ${joinWords(hours.map((entry) => `${entry.padStart(2, '0')}:${minute.padStart(2, '0')}`))}`
}

function describeDays(day: string, month: string, weekday: string): string | null {
  if (month !== '*') return null
  if (day === '*' && weekday === '*') return ''
  if (day === '*') return describeWeekdays(weekday)
  return weekday === '*' && isNumber(day) ? `on day ${day} of the month` : null
}

function describeWeekdays(weekday: string): string | null {
  const range = /^([0-7])-([0-7])$/.exec(weekday)
  if (range) return `${dayNames[Number(range[1])]} to ${dayNames[Number(range[2])]}`
  const days = weekday.split(',')
  return days.every((entry) => /^[0-7]$/.test(entry)) ? joinWords(days.map((entry) => dayNames[Number(entry)]!)) : null
}

function isNumber(text: string): boolean {
  return /^\d{1,2}$/.test(text)
}

function joinWords(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}
