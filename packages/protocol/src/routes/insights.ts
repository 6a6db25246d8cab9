import { errorGroup } from '../fleet.ts'
import { functionDetail } from '../functions.ts'
import { histogram, latency, suggestions } from '../insights.ts'
import { schedulesAnswer, schedulesBody } from '../schedules.ts'
import { command, filterParams, get, type Route } from './route.ts'

/** What a search box, a form and charts ask beyond what every page reads. */
export const insightRoutes = {
  suggestions: get('suggestions', suggestions, ['field', 'prefix', 'limit']),
  function: get('functions/{name}', functionDetail),
  histogram: get('histogram', histogram, filterParams),
  pauseSchedules: command('POST', 'schedules/pause-all', 'schedule_pause', schedulesAnswer, { body: schedulesBody }),
  resumeSchedules: command('POST', 'schedules/resume-all', 'schedule_pause', schedulesAnswer, { body: schedulesBody }),
  resolveError: { ...command('POST', 'errors/{id}/resolve', 'triage', errorGroup), access: 'whole' },
  ignoreError: { ...command('POST', 'errors/{id}/ignore', 'triage', errorGroup), access: 'whole' },
  reopenError: { ...command('POST', 'errors/{id}/reopen', 'triage', errorGroup), access: 'whole' },
  latency: get('latency', latency, [...filterParams, 'hours']),
} as const satisfies Record<string, Route>
