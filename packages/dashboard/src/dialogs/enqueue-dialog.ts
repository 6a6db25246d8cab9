import { Task } from '@lit/task'
import { canDo, toProblem, type Words } from '@taskloom/client'
import { serverRoutes } from '@taskloom/protocol'
import { html, nothing, type PropertyValues } from 'lit'
import { query, state } from 'lit/decorators.js'
import { request, type EnqueueSubject } from '../events.ts'
import type { Issue } from '../form/check.ts'
import type { JsonEditor } from '../form/json-editor.ts'
import { isSame, readJson, writeJson, type Value } from '../form/json-text.ts'
import type { ValueChange, ValueForm } from '../form/value-form.ts'
import { initialValue, readField } from '../form/schema.ts'
import { problemWords, shortId } from '../format.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { base, buttons, chips, dialogs, inputs } from '../styles/controls.ts'
import { bodyOf, checkOptions, dueAt, emptyOptions, optionsOfClone, type OptionsDraft } from './enqueue-dialog-draft.ts'
import { checkArguments, keepsArguments, loadGround, schemaOf, type Ground } from './enqueue-dialog-ground.ts'
import { FunctionChooser } from './enqueue-dialog-functions.ts'
import { issuesOf } from './enqueue-dialog-issues.ts'
import { diffLines, jsonLines, subjectLines, troubleLines } from './enqueue-dialog-lines.ts'
import { EnqueueOptions } from './enqueue-dialog-options.ts'
import { enqueueDialogStyles } from './enqueue-dialog-styles.ts'

/** Enqueues a function with arguments from a form or from JSON, or a changed copy of a task. */
export class EnqueueDialog extends PartElement {
  @state() private subject: EnqueueSubject | null = null
  @state() private value: Value = []
  /** What stands in the JSON editor. */
  @state() private text = '[]'
  @state() private isJson = false
  @state() private options: OptionsDraft = emptyOptions
  /** What was wrong when it was last looked at. */
  @state() private issues: readonly Issue[] = []
  /** Controls of the form that hold no value. */
  @state() private faults: readonly Issue[] = []
  @state() private trouble: Words | null = null
  @state() private isChecking = false
  @state() private asksToLeave = false
  @query('dialog') private readonly dialog!: HTMLDialogElement
  #begun: { readonly value: Value; readonly options: OptionsDraft } | null = null

  readonly #ground = new Task(this, {
    args: () => [this.subject] as const,
    task: ([subject], { signal }) => loadGround(this.context.client, subject, signal),
    onComplete: (ground) => {
      this.#begin(ground)
      void this.#focusNew()
    },
  })

  static override styles = [base, buttons, chips, inputs, dialogs, enqueueDialogStyles]

  /** Opens it on what is asked for; a draft of the same that was not discarded is still there. */
  open(subject: EnqueueSubject | null): void {
    const asked = subject ?? {}
    const isOther = asked.funcName !== this.subject?.funcName || asked.clonedFrom !== this.subject?.clonedFrom
    if (isOther || !this.#isTouched) {
      this.#begun = null
      this.subject = { ...asked }
    }
    this.asksToLeave = false
    if (!this.dialog.open) this.dialog.showModal()
  }

  override updated(changed: PropertyValues) {
    if (changed.has('asksToLeave') && this.asksToLeave)
      this.renderRoot.querySelector<HTMLElement>('[data-keep]')?.focus()
  }

  override render() {
    const { say } = this.formats
    const { clonedFrom, funcName } = this.subject ?? {}
    const heading = clonedFrom
      ? say('Clone {id}', { id: shortId(clonedFrom) })
      : funcName
        ? say('Enqueue {function}', { function: funcName })
        : say('Enqueue a task')
    return html`<dialog part="enqueue-dialog" aria-labelledby="heading" @cancel=${this.#onCancel}>
      <header>
        <h2 id="heading">${heading}</h2>
        <button class="btn ghost icon" type="button" aria-label=${say('Close')} @click=${this.#leave}>
          ${icon('close')}
        </button>
      </header>
      ${canDo(this.state.capabilities, 'enqueue') ? this.#renderGround() : this.#renderNotice('lock', say('Enqueueing is not allowed here'), '')}
    </dialog>`
  }

  #renderGround() {
    const { say } = this.formats
    return this.#ground.render({
      initial: () => nothing,
      pending: () =>
        this.#begun
          ? this.#renderForm()
          : html`<div class="body">
              <div class="skeleton" role="status" aria-label=${say('Loading')}>
                ${Array.from({ length: 6 }, () => html`<i></i>`)}
              </div>
            </div>`,
      complete: () => this.#renderForm(),
      error: (error) => {
        const problem = toProblem(error)
        const isGone = problem.status === 404
        return this.#renderNotice(
          isGone ? 'trash' : 'alert',
          isGone ? say('There is no such task') : say('This could not be loaded'),
          isGone ? say('It was deleted, or its history was cleared.') : problemWords(problem),
          html`<button class="btn" type="button" @click=${() => void this.#ground.run()}>${say('Try again')}</button>`,
        )
      },
    })
  }

  #renderNotice(iconName: 'lock' | 'trash' | 'alert', heading: string, text: string, action: unknown = nothing) {
    return html`<div class="body">
      <task-notice icon=${iconName} heading=${heading} text=${text}>${action}</task-notice>
    </div>`
  }

  #renderForm() {
    const ground = this.#ground.value
    if (!ground) return nothing
    const { say } = this.formats
    const name = this.#funcName
    if (name === null) {
      return html`<div class="body">
        <task-function-chooser
          .functions=${ground.functions}
          .formats=${this.formats}
          @choose-function=${(event: CustomEvent<string>) => (this.subject = { funcName: event.detail })}
        ></task-function-chooser>
      </div>`
    }
    const isBusy = this.isChecking || this.state.busyActions.has(this.#key)
    return html`<form novalidate @submit=${this.#onSubmit}>
      <div class="body">
        ${subjectLines(name, ground, this.formats, this.#openOriginal)} ${this.#renderArguments(ground)}
        ${diffLines(ground, this.value, this.formats)}
        <task-enqueue-options
          .options=${this.options}
          .issues=${this.issues}
          .queues=${this.state.queues.map(({ queue }) => queue)}
          .queue=${ground.original?.queue ?? ground.definition?.queue ?? ''}
          .priority=${ground.original?.priority ?? ground.definition?.priority ?? null}
          .formats=${this.formats}
          @change-options=${(event: CustomEvent<OptionsDraft>) => this.#change({ options: event.detail })}
        ></task-enqueue-options>
      </div>
      <footer>
        ${troubleLines(this.trouble, this.issues, this.isJson, this.formats)}
        ${
          this.asksToLeave
            ? html`<p class="ask" role="alert">${say('What you wrote would be lost.')}</p>
                <button class="btn" type="button" data-keep @click=${() => (this.asksToLeave = false)}>
                  ${say('Keep writing')}
                </button>
                <button class="btn danger" type="button" @click=${this.#discard}>${say('Discard')}</button>`
            : html`<span class="spacer"></span>
                <button class="btn" type="button" @click=${this.#leave}>${say('Not now')}</button>
                <button class="btn ink" type="submit" ?disabled=${isBusy}>
                  ${isBusy ? say('Checking…') : this.options.when === 'now' ? say('Enqueue') : say('Enqueue for later')}
                </button>`
        }
      </footer>
    </form>`
  }

  #renderArguments(ground: Ground) {
    const { say } = this.formats
    const schema = schemaOf(ground)
    const isKept = keepsArguments(ground)
    const view = (isJson: boolean, word: string) =>
      html`<button type="button" aria-pressed=${String(this.isJson === isJson)} @click=${() => this.#show(isJson)}>
        ${word}
      </button>`
    return html`<section aria-labelledby="args-name">
      <div class="bar">
        <h3 id="args-name">${say('Arguments')}</h3>
        <span class="spacer"></span>
        ${schema && !isKept ? html`<div class="views" role="group" aria-label=${say('How arguments are written')}>${view(false, say('Form'))}${view(true, say('JSON'))}</div>` : nothing}
      </div>
      ${
        isKept
          ? html`<p class="kept">
              ${icon('lock')}<span
                >${say('The arguments of the original are not shown here. They are kept as they are.')}</span
              >
            </p>`
          : this.isJson
            ? jsonLines(ground, this.text, this.issues, this.formats, (text) => this.#type(text))
            : html`<task-value-form
                .schema=${schema}
                .value=${this.value}
                .original=${ground.original?.args}
                .issues=${this.issues}
                .formats=${this.formats}
                @change-value=${(event: CustomEvent<ValueChange>) => this.#change({ value: event.detail.value, faults: event.detail.faults })}
              ></task-value-form>`
      }
    </section>`
  }

  get #funcName(): string | null {
    return this.#ground.value?.original?.funcName ?? this.subject?.funcName ?? null
  }

  get #key(): string {
    return `enqueue:${this.subject?.clonedFrom ?? this.#funcName ?? ''}`
  }

  get #isTouched(): boolean {
    const begun = this.#begun
    return (
      begun !== null &&
      (this.options !== begun.options ||
        this.faults.length > 0 ||
        !isSame(this.value, begun.value) ||
        this.#textFault !== null)
    )
  }

  /** What is wrong with the text, where that is what is shown. */
  get #textFault(): Words | null {
    const reading = this.isJson ? readJson(this.text) : { value: null }
    return 'fault' in reading ? { text: reading.fault.words } : null
  }

  #begin(ground: Ground | null): void {
    if (!ground || this.#begun || ground.functions.length > 0) return
    const schema = schemaOf(ground)
    const field = readField(schema, schema)
    const args = ground.original ? (ground.original.args as Value | undefined) : schema ? initialValue(field) : []
    this.value = args ?? []
    this.text = writeJson(this.value, 2)
    this.options = ground.original ? optionsOfClone(ground.original) : emptyOptions
    this.isJson = schema === null || field.shape.kind === 'json'
    this.issues = []
    this.faults = []
    this.trouble = null
    this.#begun = { value: this.value, options: this.options }
    this.renderRoot.querySelector<ValueForm>('task-value-form')?.forgetTexts()
  }

  #change(changes: {
    readonly value?: Value
    readonly faults?: readonly Issue[]
    readonly options?: OptionsDraft
  }): void {
    if (changes.value !== undefined) this.value = changes.value
    if (changes.faults) this.faults = changes.faults
    if (changes.options) this.options = changes.options
    this.trouble = null
    // What was said of the whole is seen again as it is corrected.
    if (this.issues.length > 0) this.issues = this.#wrong
  }

  #type(text: string): void {
    this.text = text
    const reading = readJson(text)
    this.#change('value' in reading ? { value: reading.value } : {})
  }

  /** From the form to JSON and back; what is no value yet is corrected first, so that nothing is lost. */
  #show(isJson: boolean): void {
    if (isJson === this.isJson) return
    if (this.faults.length > 0 || this.#textFault) {
      this.issues = this.#wrong
      void this.#focusFirst()
      return
    }
    this.isJson = isJson
    this.text = writeJson(this.value, 2)
  }

  /** What is wrong as far as this page can tell. */
  get #wrong(): readonly Issue[] {
    const { value, options, faults } = this
    const ground = this.#ground.value
    const typed = this.#textFault ? [{ path: '', words: this.#textFault }] : faults
    return [
      ...(ground ? checkArguments(ground, value, typed) : []),
      ...checkOptions(options, this.formats.timeZone, Date.now()),
    ]
  }

  readonly #onSubmit = (event: Event): void => {
    event.preventDefault()
    if (!this.isChecking && !this.state.busyActions.has(this.#key)) void this.#submit()
  }

  async #submit(): Promise<void> {
    this.trouble = null
    this.issues = this.#wrong
    if (this.issues.length > 0) return this.#focusFirst()
    if (!(await this.#passes())) return this.#focusFirst()
    const name = this.#funcName ?? ''
    const at = dueAt(this.options, this.formats.timeZone, Date.now())
    const values = { function: name, ...(at ? { when: this.formats.instant(at) } : {}) }
    const done: Words = at
      ? { text: '{function} is enqueued and runs at {when}', values }
      : { text: '{function} is enqueued', values }
    request(this, 'request-command', {
      command: { route: serverRoutes.enqueue, action: 'enqueue', at: { name }, body: this.#body, key: this.#key, done },
      settle: (answer) => this.#settle(answer),
    })
  }

  /** Whether the server has nothing against it; what it has stands at the fields then. */
  async #passes(): Promise<boolean> {
    this.isChecking = true
    try {
      const { issues = [] } = await this.context.client.ask(serverRoutes.enqueue, {
        at: { name: this.#funcName ?? '' },
        body: { ...this.#body, dry_run: true },
      })
      this.issues = issues.map(({ path, message }) => ({ path, words: { text: message } }))
      return issues.length === 0
    } catch (error) {
      const problem = toProblem(error)
      if (problem.status === 501) return true
      this.issues = issuesOf(problem)
      this.trouble = this.issues.length > 0 ? null : { text: problemWords(problem) }
      return false
    } finally {
      this.isChecking = false
    }
  }

  get #body() {
    const ground = this.#ground.value
    return bodyOf(
      { args: this.value, options: this.options, original: ground?.original ?? null },
      this.formats.timeZone,
    )
  }

  /** The draft stays where it was refused. */
  #settle(answer: unknown): void {
    if (answer) return this.#discard()
    const said = [...this.state.toasts].reverse().find(({ tone }) => tone === 'failed')
    this.trouble = said ?? { text: 'It was not enqueued. What you wrote is still here.' }
  }

  async #focusFirst(): Promise<void> {
    await this.updateComplete
    const path = this.issues[0]?.path ?? ''
    const options = this.renderRoot.querySelector<EnqueueOptions>('task-enqueue-options')
    await options?.updateComplete
    if (path.startsWith('options.')) options?.renderRoot.querySelector<HTMLElement>(`[data-path="${path}"]`)?.focus()
    else if (this.isJson) this.renderRoot.querySelector<JsonEditor>('task-json-editor')?.focus()
    else this.renderRoot.querySelector<ValueForm>('task-value-form')?.focusIssue(path)
  }

  /** On what is to be chosen or written, when it has come. */
  async #focusNew(): Promise<void> {
    this.requestUpdate()
    await this.updateComplete
    const places = 'task-function-chooser, task-json-editor, task-value-form'
    const place = this.renderRoot.querySelector<FunctionChooser | JsonEditor | ValueForm>(places)
    await place?.updateComplete
    place?.focus()
  }

  readonly #openOriginal = (): void => {
    const taskId = this.subject?.clonedFrom
    if (!taskId) return
    this.dialog.close()
    request(this, 'request-open', { taskId })
  }

  readonly #onCancel = (event: Event): void => {
    event.preventDefault()
    this.#leave()
  }

  readonly #leave = (): void => {
    if (this.#isTouched && !this.asksToLeave) this.asksToLeave = true
    else if (this.asksToLeave) this.asksToLeave = false
    else this.#discard()
  }

  readonly #discard = (): void => {
    this.#begun = null
    this.subject = null
    this.asksToLeave = false
    this.dialog.close()
  }
}

export const elements = {
  'task-function-chooser': FunctionChooser,
  'task-enqueue-options': EnqueueOptions,
  'task-enqueue-dialog': EnqueueDialog,
}
