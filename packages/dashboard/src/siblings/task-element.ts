import { isTerminal, type Problem } from '@taskloom/protocol'
import { html, nothing, type TemplateResult } from 'lit'
import { property, state } from 'lit/decorators.js'
import { icon, type IconName } from '../icons.ts'
import type { LinkSettings } from './link.ts'
import { Sibling } from './sibling.ts'
import { unseenTask, watchTask, type TaskHold, type TaskView } from './task-watch.ts'

/** A task as the events of the small elements tell it. */
export interface TaskNews {
  /** Which task. */
  readonly taskId: string
  /** Where it is in its life, such as `running`; a newer server may know other words. */
  readonly status: string
  /** How far it is, 0 to 100; null when it does not say. */
  readonly percent: number | null
  /** What it says of itself in one line; null when nothing. */
  readonly message: string | null
  /** Why it failed in one line; null when it did not. */
  readonly error: string | null
}

/** Events of `<task-status>`, `<task-progress>` and `<task-list>`. They bubble out of shadow roots. */
export interface SiblingEvents {
  /** What is known of a task is new; also the first time. */
  'task-change': TaskNews
  /** A task has ended; also when it had ended before anybody looked. Once for each task. */
  'task-end': TaskNews
  /** The server refuses, does not know the task, or is not there. Once for each cause. */
  'task-error': {
    /** Why, for programs. */
    readonly code: string
    /** Why, for people. */
    readonly message: string
  }
  /** A row of `<task-list>` is opened; cancelable where it is a link. */
  'task-select': {
    /** The task. */
    readonly taskId: string
  }
}

/** An element that shows one task. */
export abstract class TaskElement extends Sibling {
  /** The task that is shown; nothing is asked without one. */
  @property({ attribute: 'task-id' }) taskId: string | null = null

  /** @internal */
  @state() protected view: TaskView = unseenTask

  #hold: TaskHold | null = null
  #toldVersion: string | null = null
  #toldEnd: string | null = null
  #toldProblem: string | null = null

  /** What is known of the task; null before it has come. */
  get task(): TaskNews | null {
    const { task } = this.view
    if (!task || task.taskId !== this.taskId) return null
    const { taskId, status, progress, error } = task
    return { taskId, status, percent: progress?.percent ?? null, message: progress?.message ?? null, error }
  }

  override refresh(): void {
    this.#hold?.reload()
  }

  protected readonly question: readonly string[] = ['taskId']

  protected follow(settings: LinkSettings, pollIntervalMs: number): (() => void) | null {
    const { taskId } = this
    if (this.view.task?.taskId !== taskId) this.view = unseenTask
    if (!taskId) return null
    const hold = watchTask(settings, { taskId, pollIntervalMs }, (view) => this.#show(view))
    this.#hold = hold
    if (hold.view.phase !== 'loading') this.#show(hold.view)
    return () => {
      this.#hold = null
      hold.release()
    }
  }

  #show(view: TaskView): void {
    this.view = view
    const news = this.task
    if (view.phase === 'known' && view.task && news) {
      const version = `${news.taskId} ${view.task.version}`
      if (version !== this.#toldVersion) this.report('task-change', news)
      this.#toldVersion = version
      if (isTerminal(news.status) && this.#toldEnd !== news.taskId) {
        this.#toldEnd = news.taskId
        this.report('task-end', news)
      }
    }
    this.#reportProblem(view.problem)
  }

  #reportProblem(problem: Problem | null): void {
    const code = problem && `${this.taskId} ${problem.code}`
    if (problem && code !== this.#toldProblem) {
      this.report('task-error', { code: problem.code, message: problem.detail ?? problem.title })
    }
    this.#toldProblem = code
  }

  /** The state that the page's style sheet may ask for. */
  override updated(changed: Map<PropertyKey, unknown>): void {
    super.updated(changed)
    this.showState(stateWord(this.view, this.taskId))
  }

  /** The words where there is no task to show; null while there is one. */
  protected renderProblem(): TemplateResult | null {
    const { phase, task, problem } = this.view
    const { say } = this.formats
    if (!this.taskId) return problemWords('unknown', say('No task'))
    if (phase === 'gone') return problemWords('unknown', task ? say('Deleted') : say('Not found'))
    if (phase === 'refused') {
      return problem?.status === 401 ? problemWords('lock', say('Signed out')) : problemWords('ban', say('No access'))
    }
    if (phase === 'failed') return problemWords('alert', say('Cannot be loaded'), 'bad')
    return null
  }

  /** Says that what is shown may be old; nothing while it is not. */
  protected renderStale(): TemplateResult | typeof nothing {
    const { connection, heardAt, task } = this.view
    if (!heardAt || !task || isTerminal(task.status)) return nothing
    if (connection !== 'offline' && connection !== 'reconnecting') return nothing
    const { say, time } = this.formats
    const word = connection === 'offline' ? say('Offline') : say('Reconnecting')
    return html`<span class="stale" part="stale" title=${say('Last heard at {time}', { time: time(heardAt) })}
      ><i></i>${word}</span
    >`
  }

  /** What the page wants to be seen in this state, such as a link to the result: `<a slot="success">`. */
  protected renderSlot(): TemplateResult | typeof nothing {
    const { task, phase } = this.view
    if (!this.taskId || phase === 'loading') return nothing
    if (phase !== 'known' || !task) return html`<slot name="problem"></slot>`
    return slots[task.status] ?? slots['unknown']!
  }
}

const slots: Readonly<Record<string, TemplateResult>> = {
  pending: html`<slot name="pending"></slot>`,
  running: html`<slot name="running"></slot>`,
  success: html`<slot name="success"></slot>`,
  failed: html`<slot name="failed"></slot>`,
  interrupted: html`<slot name="interrupted"></slot>`,
  cancelled: html`<slot name="cancelled"></slot>`,
  unknown: html`<slot name="unknown"></slot>`,
}

function problemWords(name: IconName, words: string, tone = ''): TemplateResult {
  return html`<span class="problem ${tone}" part="problem">${icon(name)}<span>${words}</span></span>`
}

/** `none`, `loading`, `gone`, `refused`, `failed-to-load`, or the status of the task. */
function stateWord({ phase, task }: TaskView, taskId: string | null): string {
  if (!taskId) return 'none'
  if (phase === 'failed') return 'failed-to-load'
  if (phase !== 'known' || !task) return phase
  return /^[a-z][a-z0-9_-]*$/.test(task.status) ? task.status : 'unknown'
}
