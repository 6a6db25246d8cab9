import type { Metrics, TaskDetail, TaskSummary } from '@taskloom/protocol'
import { html, nothing } from 'lit'
import type { Formats } from '../format.ts'
import { taskLink } from './details-tab.ts'
import { clip } from './text-block.ts'

/** How other tasks of the function went: its figures, and the latest runs as bars with this one marked. */
export function runsSection(task: TaskDetail, formats: Formats, now: number) {
  return html`${figures(task, formats)} ${recentRuns(task, formats, now)}`
}

function figures({ funcName, functionStats }: TaskDetail, formats: Formats) {
  if (!functionStats) return nothing
  const { say } = formats
  const entries = [
    [say('Runs'), formats.count(functionStats.total)],
    [say('Succeeded'), formats.percent(functionStats.successRate)],
    [say('Average'), formats.duration(functionStats.avgDurationMs)],
    [say('P50'), formats.duration(functionStats.p50DurationMs)],
    [say('P95'), formats.duration(functionStats.p95DurationMs)],
    [say('Longest'), formats.duration(functionStats.maxDurationMs)],
  ] as const
  return html`<section class="sec">
    <h4>${clip(funcName, 80)} <small>${capNote(functionStats, formats)}</small></h4>
    <dl class="kv figures">
      ${entries.map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div>`,
      )}
    </dl>
  </section>`
}

function capNote({ isCapped }: Metrics, { say }: Formats): string {
  return isCapped ? say('of the newest runs') : say('all runs')
}

function recentRuns(task: TaskDetail, formats: Formats, now: number) {
  const runs = task.recentRuns
  if (runs.length === 0) return nothing
  const { say } = formats
  const longestMs = Math.max(1, ...runs.map(({ durationMs }) => durationMs ?? 0))
  return html`<section class="sec">
    <h4>${say('Recent runs')} <small>${say('newest first')}</small></h4>
    <ul class="runs">
      ${runs.map((run) => {
        const isThis = run.taskId === task.taskId
        return html`<li class=${isThis ? 'this' : ''} aria-current=${isThis ? 'true' : nothing}>
          <task-status-badge status=${run.status}></task-status-badge>
          <span class="name"
            >${isThis ? html`<span class="muted">${say('this one')}</span>` : taskLink(run.taskId)}</span
          >
          ${runBar(run, longestMs)}
          <span class="muted">${formats.duration(run.durationMs)}</span>
          <time class="faint" title=${formats.instant(run.createdAt)}
            >${formats.relative(Math.min(run.createdAt, now), now)}</time
          >
        </li>`
      })}
    </ul>
  </section>`
}

function runBar({ status, durationMs }: TaskSummary, longestMs: number) {
  const share = durationMs === null ? 0 : Math.max(1, Math.round((durationMs / longestMs) * 100))
  return html`<span class="run-bar" aria-hidden="true"
    ><i class=${status === 'failed' ? 'failed' : ''} .style=${`inline-size:${share}%`}></i
  ></span>`
}
