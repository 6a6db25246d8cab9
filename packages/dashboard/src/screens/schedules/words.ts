import type { ScheduleView } from '@taskloom/protocol'
import type { Formats } from '../../format.ts'

type Spoken = Pick<ScheduleView, 'trigger' | 'description'>

/** The trigger in words of the operator's language for the forms people write; else the server's English. */
export function triggerWords({ trigger, description }: Spoken, formats: Formats): string {
  const words = trigger.startsWith('every ') ? intervalWords(trigger.slice(6), formats) : cronWords(trigger, formats)
  return words ?? description.slice(0, 300)
}

const unitMs: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000, ms: 1 }

function intervalWords(text: string, { sayCount, say, duration }: Formats): string | null {
  const parts = [...text.matchAll(/(\d+)(ms|[dhms])/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return null
  const ms = parts.reduce((sum, [, amount, unit]) => sum + Number(amount) * (unitMs[unit ?? ''] ?? 0), 0)
  if (ms % 86_400_000 === 0) return sayCount(ms / 86_400_000, 'Every day', 'Every {n} days')
  if (ms % 3_600_000 === 0) return sayCount(ms / 3_600_000, 'Every hour', 'Every {n} hours')
  if (ms % 60_000 === 0) return sayCount(ms / 60_000, 'Every minute', 'Every {n} minutes')
  if (ms % 1_000 === 0) return sayCount(ms / 1_000, 'Every second', 'Every {n} seconds')
  return say('Every {span}', { span: duration(ms) })
}

function cronWords(expression: string, formats: Formats): string | null {
  const fields = expression.trim().split(/\s+/)
  if (fields.length !== 5) return null
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  const time = timeWords(minute, hour, formats)
  const days = dayWords(day, month, weekday, formats)
  if (time === null || days === null) return null
  return days === '' ? time : formats.say('{time}, {days}', { time, days })
}

function timeWords(minute: string, hour: string, formats: Formats): string | null {
  const { say, sayCount, language } = formats
  const hoursOfDay = /^(\d{1,2})-(\d{1,2})$/.exec(hour)
  if (hoursOfDay) return withinWords(minute, Number(hoursOfDay[1]), Number(hoursOfDay[2]), formats)
  if (minute === '*' && hour === '*') return sayCount(1, 'Every minute', 'Every {n} minutes')
  const step = /^\*\/(\d{1,2})$/.exec(minute)
  if (step && hour === '*') return sayCount(Number(step[1]), 'Every minute', 'Every {n} minutes')
  if (!isNumber(minute)) return null
  if (hour === '*') {
    return Number(minute) === 0
      ? sayCount(1, 'Every hour', 'Every {n} hours')
      : say('Every hour at minute {minute}', { minute })
  }
  const hourStep = /^\*\/(\d{1,2})$/.exec(hour)
  if (hourStep) return say('Every {n} hours at minute {minute}', { n: Number(hourStep[1]), minute })
  const hours = hour.split(',')
  if (!hours.every(isNumber)) return null
  const times = hours.map((each) => `${each.padStart(2, '0')}:${minute.padStart(2, '0')}`)
  return say('At {times}', { times: joined(times, language) })
}

/** Over some hours of the day, from the first time to the last one. */
function withinWords(minute: string, fromHour: number, toHour: number, formats: Formats): string | null {
  const step = minute === '*' ? 1 : Number(/^\*\/(\d{1,2})$/.exec(minute)?.[1] ?? NaN)
  if (!isNumber(minute) && !(step > 0)) return null
  const isHourly = isNumber(minute)
  const time = timeWords(isHourly ? '0' : minute, '*', formats)
  const clock = (hour: number, past: number) => `${String(hour).padStart(2, '0')}:${String(past).padStart(2, '0')}`
  const first = clock(fromHour, isHourly ? Number(minute) : 0)
  const last = clock(toHour, isHourly ? Number(minute) : Math.floor(59 / step) * step)
  return time === null ? null : formats.say('{time}, from {first} to {last}', { time, first, last })
}

/** Empty for every day; null where no sentence is clearer than the expression. */
function dayWords(day: string, month: string, weekday: string, { say, language }: Formats): string | null {
  if (month !== '*') return null
  if (day === '*' && weekday === '*') return ''
  if (day !== '*') return weekday === '*' && isNumber(day) ? say('on day {day} of the month', { day }) : null
  const range = /^([0-7])-([0-7])$/.exec(weekday)
  if (range) {
    const [first, last] = [dayName(range[1], language), dayName(range[2], language)]
    return say('{first} to {last}', { first, last })
  }
  const days = weekday.split(',')
  if (!days.every((each) => /^[0-7]$/.test(each))) return null
  return joined(
    days.map((each) => dayName(each, language)),
    language,
  )
}

function dayName(number: string | undefined, language: string): string {
  // 1 January 2023 was a Sunday.
  return new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(
    Date.UTC(2023, 0, 1 + (Number(number) % 7)),
  )
}

function joined(words: readonly string[], language: string): string {
  return new Intl.ListFormat(language, { type: 'conjunction' }).format(words)
}

function isNumber(text: string): boolean {
  return /^\d{1,2}$/.test(text)
}
