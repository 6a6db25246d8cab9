import type { JsonSchema } from '@taskloom/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { checkValue, fits } from '../../packages/dashboard/src/form/check.ts'
import { controlFor, readControl, writeControl } from '../../packages/dashboard/src/form/control.ts'
import { isSame, readJson, writeJson, type Value } from '../../packages/dashboard/src/form/json-text.ts'
import { withValueAt } from '../../packages/dashboard/src/form/path.ts'
import { initialValue, readField, type Field, type Path } from '../../packages/dashboard/src/form/schema.ts'

/** A schema with a way to make values that it takes. */
interface Sample {
  readonly schema: JsonSchema
  readonly value: fc.Arbitrary<Value>
}

const name = fc.string({ minLength: 1, maxLength: 6 }).filter((text) => text !== '__proto__')
const unique = (names: readonly string[]) => [...new Set(names)]

const { sample } = fc.letrec<{ sample: Sample; leaf: Sample; group: Sample }>((tie) => ({
  sample: fc.oneof({ depthSize: 'small', withCrossShrink: true }, tie('leaf'), tie('group')),
  leaf: fc.constantFrom<Sample[]>(
    { schema: { type: 'string' }, value: fc.string({ unit: 'grapheme' }) },
    { schema: { type: 'string', maxLength: 900 }, value: fc.string() },
    { schema: { type: 'string', format: 'date' }, value: fc.constantFrom('2026-03-31', '2024-02-29') },
    {
      schema: { type: 'string', format: 'date-time' },
      value: fc.constantFrom('2026-03-31T09:30:00Z', '2026-03-31T09:30:00.123456+02:00'),
    },
    { schema: { type: 'number' }, value: fc.double({ noNaN: true, noDefaultInfinity: true }) },
    { schema: { type: 'integer', minimum: -5, maximum: 10 }, value: fc.integer({ min: -5, max: 10 }) },
    { schema: { type: 'integer' }, value: fc.bigInt({ min: 2n ** 60n + 1n, max: 2n ** 70n }).map((big) => big | 1n) },
    { schema: { type: 'boolean' }, value: fc.boolean() },
    { schema: { type: 'null' }, value: fc.constant(null) },
    { schema: { enum: ['a', 2, null, { b: [1] }] }, value: fc.constantFrom<Value[]>('a', 2, null, { b: [1] }) },
    { schema: { const: { kind: 'x' } }, value: fc.constant({ kind: 'x' }) },
    { schema: { type: ['string', 'null'] }, value: fc.option(fc.string()) },
    { schema: { type: ['integer', 'string'] }, value: fc.oneof(fc.integer(), fc.string()) },
    { schema: {}, value: fc.jsonValue() as fc.Arbitrary<Value> },
    { schema: { allOf: [{ type: 'object' }] }, value: fc.dictionary(name, fc.jsonValue()) as fc.Arbitrary<Value> },
  ),
  group: fc.oneof(
    tie('sample').map((item) => ({
      schema: { type: 'array', items: item.schema },
      value: fc.array(item.value, { maxLength: 4 }),
    })),
    fc.array(tie('sample'), { minLength: 1, maxLength: 3 }).map((items) => ({
      schema: { type: 'array', prefixItems: items.map(({ schema }) => schema), minItems: items.length, items: false },
      value: fc.tuple(...items.map(({ value }) => value)),
    })),
    fc
      .tuple(
        fc.array(name, { minLength: 1, maxLength: 3 }).map(unique),
        fc.array(tie('sample'), { minLength: 3, maxLength: 3 }),
      )
      .map(([names, items]) => ({
        schema: {
          type: 'object',
          properties: Object.fromEntries(names.map((each, index) => [each, items[index]?.schema ?? {}])),
          required: names.slice(0, 1),
          additionalProperties: false,
        },
        value: fc.record(
          Object.fromEntries(names.map((each, index) => [each, items[index]?.value ?? fc.constant(1)])),
          {
            requiredKeys: names.slice(0, 1),
            noNullPrototype: true,
          },
        ),
      })),
    tie('sample').map((item) => ({
      schema: { type: 'object', additionalProperties: item.schema },
      value: fc.dictionary(name, item.value, { maxKeys: 3, noNullPrototype: true }),
    })),
    fc.array(tie('sample'), { minLength: 2, maxLength: 3 }).map((branches) => ({
      schema: { anyOf: branches.map(({ schema }) => schema) },
      value: fc.oneof(...branches.map(({ value }) => value)),
    })),
  ),
}))

const drawn = sample.chain(({ schema, value }) => value.map((made) => ({ schema, value: made })))

/** The value as somebody makes it who reads the form of it and types into an empty one what stands in each control. */
function retype(field: Field, value: Value, root: JsonSchema, path: Path, made: Value | undefined): Value | undefined {
  if (value === null && field.isNullable) return withValueAt(made, path, null)
  const { shape } = field
  const kind = controlFor(shape, value)
  if (kind === 'list' && shape.kind === 'list') {
    const { first, rest } = shape
    const items = value as readonly Value[]
    return items.reduce<Value | undefined>(
      (list, item, index) =>
        retype(first[index]?.field ?? rest?.() ?? readField(null, root), item, root, [...path, index], list),
      withValueAt(made, path, []),
    )
  }
  if (kind === 'object' && shape.kind === 'object') {
    const fieldOf = (each: string) =>
      shape.members.find((member) => member.name === each)?.field ?? shape.others?.() ?? readField(null, root)
    return Object.entries(value as Readonly<Record<string, Value>>).reduce<Value | undefined>(
      (members, [each, inner]) => retype(fieldOf(each), inner, root, [...path, each], members),
      withValueAt(made, path, {}),
    )
  }
  if (kind === 'either' && shape.kind === 'either') {
    const branch = shape.fields.find(({ schema }) => fits(value, schema, root))
    return branch ? retype(branch, value, root, path, made) : withValueAt(made, path, value)
  }
  if (kind === 'choice' || kind === 'fixed' || kind === 'truth') return withValueAt(made, path, value)
  const reading = readControl(kind, writeControl(kind, value))
  return withValueAt(made, path, 'value' in reading ? reading.value : 'what cannot be read')
}

describe('a form of a JSON Schema', () => {
  it('gives back every value that the schema takes, by its controls and by JSON', () => {
    fc.assert(
      fc.property(drawn, ({ schema, value }) => {
        const typed = retype(readField(schema, schema), value, schema, [], undefined)
        expect(isSame(typed, value)).toBe(true)
        const reading = readJson(writeJson(value, 2))
        expect('value' in reading && isSame(reading.value, value)).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('finds no fault with a value that the schema takes', () => {
    fc.assert(
      fc.property(drawn, ({ schema, value }) => {
        expect(checkValue(value, schema)).toEqual([])
      }),
      { numRuns: 500 },
    )
  })

  it('follows references, also of a schema that holds itself', () => {
    const tree: JsonSchema = {
      type: 'array',
      prefixItems: [{ $ref: '#/$defs/node' }],
      minItems: 1,
      $defs: {
        node: {
          type: 'object',
          required: ['name'],
          properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
        },
      },
    }
    expect(initialValue(readField(tree, tree))).toEqual([{}])
    expect(checkValue([{ name: 'a', children: [{ name: 'b', children: [{}] }] }], tree)).toEqual([
      { path: '[0].children[0].children[0].name', words: { text: 'This is needed' } },
    ])
    expect(readField({ $ref: '#/$defs/nobody' }, tree).shape.kind).toBe('json')
    expect(readField({ $ref: 'https://example.com/x' }, tree).shape.kind).toBe('json')
    const loop: JsonSchema = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } }
    expect(readField(loop, loop).shape.kind).toBe('json')
  })

  it('begins with what is known and nothing else', () => {
    const schema: JsonSchema = {
      type: 'array',
      prefixItems: [
        { type: 'object', required: ['kind'], properties: { kind: { const: 'x' }, size: { default: 3 }, other: {} } },
        { type: 'string' },
        { default: true },
      ],
      minItems: 1,
    }
    expect(initialValue(readField(schema, schema))).toEqual([{ kind: 'x', size: 3 }])
  })

  it.each<[string, JsonSchema, Value, string, string]>([
    ['a type', { type: 'array', items: { type: 'integer' } }, [1, 1.5], '[1]', 'This must be a whole number'],
    ['a minimum', { minimum: 3 }, 2, '', 'At least {limit}'],
    ['a step', { multipleOf: 0.1 }, 0.35, '', 'A multiple of {step}'],
    ['a pattern', { pattern: '^[A-Z]+$' }, 'a', '', 'Expected the form {pattern}'],
    ['a format', { format: 'date' }, '2026-02-31x', '', 'A date such as 2026-03-31'],
    ['an unknown name', { type: 'object', additionalProperties: false }, { a: 1 }, '.a', 'This name is not known'],
    ['an enum', { enum: ['a', 'b'] }, 'c', '', 'Choose one of the values'],
    [
      'the nearest branch',
      { oneOf: [{ type: 'string' }, { type: 'object', required: ['a'] }] },
      {},
      '.a',
      'This is needed',
    ],
  ])('says what is wrong with %s', (_, schema, value, path, text) => {
    expect(checkValue(value, schema)).toMatchObject([{ path, words: { text } }])
  })

  it('does not mistake binary fractions for faults', () => {
    expect(checkValue(0.3, { multipleOf: 0.1 })).toEqual([])
    expect(checkValue(4.35, { multipleOf: 0.01 })).toEqual([])
  })

  it('leaves alone what is hidden', () => {
    const schema: JsonSchema = { type: 'array', items: { type: 'object', properties: { pin: { type: 'integer' } } } }
    expect(checkValue([{ pin: '***' }], schema, new Set(['[0].pin']))).toEqual([])
    expect(checkValue([{ pin: '***' }], schema)).toHaveLength(1)
  })
})
