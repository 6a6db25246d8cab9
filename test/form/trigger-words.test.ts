import { describe, expect, it } from 'vitest'
import { parseTrigger } from '../../packages/engine/src/core/trigger.ts'
import { describeTrigger, formatTrigger } from '../../packages/engine/src/core/trigger-words.ts'
import { createFormats } from '../../packages/dashboard/src/format.ts'
import { triggerWords } from '../../packages/dashboard/src/screens/schedules/words.ts'

const english = createFormats('en', 'UTC')

describe('the words of a trigger', () => {
  it.each([
    { every: '1m' },
    { every: '30s' },
    { every: '2h' },
    { every: '1d' },
    { cron: '* * * * *' },
    { cron: '*/5 * * * *' },
    { cron: '0 * * * *' },
    { cron: '15 * * * *' },
    { cron: '30 */2 * * *' },
    { cron: '0 3 * * *' },
    { cron: '0 9 * * 1-5' },
    { cron: '15 8 * * 1,3' },
    { cron: '0 6 1 * *' },
    { cron: '0 6 L * *' },
    { cron: '0 0 1 1 *' },
    { cron: '*/10 * * * * *' },
  ])('are in English those of the server for %j', (options) => {
    const trigger = parseTrigger(options)
    const schedule = { trigger: formatTrigger(trigger), description: describeTrigger(trigger) }
    expect(triggerWords(schedule, english)).toBe(schedule.description)
  })

  it('name days in the language of the reader', () => {
    const catalogue = {
      'At {times}': 'Um {times}',
      '{time}, {days}': '{time}, {days}',
      '{first} to {last}': '{first} bis {last}',
    }
    const german = createFormats('de', 'UTC', { language: 'de', catalogue })
    expect(triggerWords({ trigger: '0 9 * * 1-5', description: '' }, german)).toBe('Um 09:00, Montag bis Freitag')
  })
})
