/** A description of the protocol, as far as it is read here. */
interface Schema {
  readonly $ref?: string
  readonly type?: string | readonly string[]
  readonly anyOf?: readonly Schema[]
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
}

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[]
  readonly requestBody?: Holder
  readonly responses?: Readonly<Record<string, Holder>>
}

interface Holder {
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>
}

export interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> }
}

/** What one route is asked and answers. A name that ends in `?` may be left out; `string|null` is what stands there. */
export interface Promised {
  /** Parameters of the query and fields of the body. */
  readonly takes: readonly string[]
  /** Every field of its answer, with its kinds. */
  readonly answers: Readonly<Record<string, string>>
}

/** By method and path. */
export type Promises = Readonly<Record<string, Promised>>

/** What a description promises to those who were written by it. */
export function promisesOf(document: Document): Promises {
  const schemas = document.components?.schemas ?? {}
  const entries = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => {
      const { parameters = [], requestBody, responses = {} } = operation
      const queries = parameters
        .filter((each) => each.in === 'query')
        .map(({ name, required }) => name + (required ? '' : '?'))
      const body = jsonOf(requestBody)
      const takes = [...queries, ...(body ? membersOf(resolve(body, schemas)).map((name) => `body.${name}`) : [])]
      const answer = jsonOf(responses['200'] ?? responses['202'] ?? {})
      const answers = Object.fromEntries(answer ? placesOf(answer, '', schemas, []) : [])
      return [`${method.toUpperCase()} ${path}`, { takes: takes.sort(), answers }] as const
    }),
  )
  return Object.fromEntries(entries)
}

/**
 * What those who were written by an earlier description would stumble over, one line for each: what they ask or read is gone
 * or something else, or a reader of today finds nothing where a server of before answers.
 */
export function breaks(before: Promises, now: Promises): readonly string[] {
  return Object.entries(before).flatMap(([route, was]) => {
    const is = now[route]
    if (!is) return [`${route} is gone`]
    return [...brokenQuestions(was, is), ...brokenAnswers(was, is)].map((words) => `${route}: ${words}`)
  })
}

function brokenQuestions(was: Promised, is: Promised): readonly string[] {
  const plain = (name: string) => name.replace(/\?$/, '')
  const known = is.takes.map(plain)
  const gone = was.takes.filter((name) => !known.includes(plain(name))).map((name) => `takes ${plain(name)} no more`)
  const needed = is.takes.filter((name) => !name.endsWith('?') && !was.takes.includes(name))
  return [...gone, ...needed.map((name) => `needs ${name} now`)]
}

function brokenAnswers(was: Promised, is: Promised): readonly string[] {
  const others = Object.entries(was.answers).flatMap(([place, kinds]) => {
    const found = is.answers[place]
    if (found === undefined) return [`answers ${place} no more`]
    const isFitting = kinds === 'anything' || found.split('|').every((kind) => kinds.split('|').includes(kind))
    return isFitting ? [] : [`answers ${place} as ${found}, not ${kinds}`]
  })
  const isNew = (place: string) => was.answers[place] === undefined && parentOf(place) in was.answers
  const unguarded = Object.entries(is.answers).filter(
    ([place, kinds]) => isNew(place) && !/\bnull\b|\babsent\b/.test(kinds),
  )
  return [
    ...others,
    ...unguarded.map(([place]) => `answers ${place}, which servers of before do not, and must not be needed`),
  ]
}

function parentOf(place: string): string {
  return place.replace(/\.?[^.]*$/, '')
}

type Place = readonly [place: string, kinds: string]

/** `refs`: those that lead here; a record that holds itself ends there. */
function placesOf(
  schema: Schema,
  place: string,
  schemas: Readonly<Record<string, Schema>>,
  refs: readonly string[],
): Place[] {
  const { $ref } = schema
  if ($ref !== undefined && refs.includes($ref)) return [[place, 'itself']]
  const chain = $ref === undefined ? refs : [...refs, $ref]
  const choices = choicesOf(resolve(schema, schemas)).map((choice) => resolve(choice, schemas))
  const kinds = [...new Set(choices.flatMap(kindsOf))].sort().join('|')
  const below = choices.flatMap((choice) => [
    ...(choice.items ? placesOf(choice.items, `${place}[]`, schemas, chain) : []),
    ...(typeof choice.additionalProperties === 'object'
      ? placesOf(choice.additionalProperties, `${place}.*`, schemas, chain)
      : []),
    ...Object.entries(choice.properties ?? {}).flatMap(([name, member]) => {
      const [own, ...rest] = placesOf(member, place ? `${place}.${name}` : name, schemas, chain)
      if (!own) return rest
      const isAbsent = choice.required?.includes(name) === false
      return [[own[0], isAbsent ? `${own[1]}|absent` : own[1]] as const, ...rest]
    }),
  ])
  return [[place, kinds], ...below]
}

function choicesOf(schema: Schema): readonly Schema[] {
  return schema.anyOf ?? [schema]
}

function kindsOf({ type }: Schema): readonly string[] {
  if (type === undefined) return ['anything']
  return typeof type === 'string' ? [type] : type
}

function membersOf(schema: Schema): readonly string[] {
  return Object.keys(schema.properties ?? {}).map((name) => name + (schema.required?.includes(name) ? '' : '?'))
}

function resolve(schema: Schema, schemas: Readonly<Record<string, Schema>>): Schema {
  if (schema.$ref === undefined) return schema
  const found = schemas[schema.$ref.replace('#/components/schemas/', '')]
  if (!found) throw new Error(`${schema.$ref} is nowhere`)
  return resolve(found, schemas)
}

function jsonOf({ content }: Holder = {}): Schema | undefined {
  return content?.['application/json']?.schema
}
