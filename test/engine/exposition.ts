/** What a text in the format of Prometheus says; reading one that breaks a rule of the format throws. */
export interface Exposition {
  /** The type of each family by its name. */
  readonly types: ReadonlyMap<string, string>
  /** Every series with its value: `name{a="b",c="d"}`, its labels by name. */
  readonly series: ReadonlyMap<string, number>
  /** The value of one series; throws when it is not there. */
  value(name: string, labels?: Readonly<Record<string, string>>): number
}

interface Sample {
  readonly name: string
  readonly labels: ReadonlyMap<string, string>
  readonly value: number
}

const nameRule = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const helpLine = /^# HELP (\S+) ((?:[^\\]|\\\\|\\n)+)$/
const typeLine = /^# TYPE (\S+) (counter|gauge|histogram)$/
const sampleLine = /^([^\s{]+)(?:\{(.*)\})? (\S+)$/
const labelPart = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"(,|$)/y

export function parseExposition(text: string): Exposition {
  if (!text.endsWith('\n')) throw new Error('The last line is not ended')
  const types = new Map<string, string>()
  const series = new Map<string, number>()
  const lines = text.slice(0, -1).split('\n')
  for (let index = 0; index < lines.length;) {
    const help = helpLine.exec(lines[index] ?? '')
    const type = typeLine.exec(lines[index + 1] ?? '')
    if (!help || !type || help[1] !== type[1]) throw new Error(`Line ${index + 1} begins no family: ${lines[index]}`)
    const [, family = '', kind = ''] = type
    if (!nameRule.test(family) || types.has(family)) throw new Error(`${family} is no name, or is there twice`)
    if ((kind === 'counter') !== family.endsWith('_total')) throw new Error(`${family} is a ${kind}`)
    types.set(family, kind)
    const samples: Sample[] = []
    for (index += 2; index < lines.length && !lines[index]?.startsWith('#'); index += 1) {
      const sample = parseSample(lines[index] ?? '', family, kind)
      const key = keyOf(sample.name, sample.labels)
      if (series.has(key)) throw new Error(`${key} is there twice`)
      series.set(key, sample.value)
      samples.push(sample)
    }
    if (kind === 'histogram') checkHistogram(family, samples)
  }
  return {
    types,
    series,
    value(name, labels = {}) {
      const key = keyOf(name, new Map(Object.entries(labels)))
      const value = series.get(key)
      if (value === undefined) throw new Error(`There is no ${key}`)
      return value
    },
  }
}

function parseSample(line: string, family: string, kind: string): Sample {
  const [, name = '', labelText, number = ''] = sampleLine.exec(line) ?? []
  const value = Number(number)
  const suffix = name.slice(family.length)
  const isOurs = kind === 'histogram' ? ['_bucket', '_sum', '_count'].includes(suffix) : suffix === ''
  if (!name.startsWith(family) || !isOurs) throw new Error(`${line} stands under ${family}`)
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/.test(number) || value < 0) throw new Error(`${line} has no value`)
  return { name, labels: parseLabels(labelText), value }
}

function parseLabels(text: string | undefined): ReadonlyMap<string, string> {
  const labels = new Map<string, string>()
  if (text === undefined) return labels
  labelPart.lastIndex = 0
  for (let at = 0; at < text.length; at = labelPart.lastIndex) {
    const [part, name = '', value = ''] = labelPart.exec(text) ?? []
    if (part === undefined || labels.has(name)) throw new Error(`{${text}} are no labels`)
    labels.set(
      name,
      value.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
    )
  }
  return labels
}

function checkHistogram(family: string, samples: readonly Sample[]): void {
  const groups = new Map<string, Sample[]>()
  for (const sample of samples) {
    const own = new Map([...sample.labels].filter(([name]) => name !== 'le'))
    const key = keyOf(family, own)
    groups.set(key, [...(groups.get(key) ?? []), sample])
  }
  for (const [key, group] of groups) {
    const buckets = group.filter(({ name }) => name.endsWith('_bucket'))
    const bounds = buckets.map(({ labels }) => Number((labels.get('le') ?? 'none').replace('+Inf', 'Infinity')))
    const counts = buckets.map(({ value }) => value)
    const count = group.find(({ name }) => name === `${family}_count`)?.value
    const isAscending = (values: readonly number[]) =>
      values.every((value, at) => at === 0 || (values[at - 1] ?? 0) <= value)
    const hasAll = group.length === buckets.length + 2 && group.some(({ name }) => name === `${family}_sum`)
    if (!hasAll || buckets.length > 15 || new Set(bounds).size !== bounds.length) throw new Error(`${key} is not whole`)
    if (!isAscending(bounds) || bounds.at(-1) !== Infinity) throw new Error(`${key} has bounds ${bounds.join(' ')}`)
    if (!isAscending(counts) || counts.at(-1) !== count) throw new Error(`${key} counts ${counts.join(' ')}`)
  }
}

function keyOf(name: string, labels: ReadonlyMap<string, string>): string {
  const pairs = [...labels]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
  return `${name}{${pairs.join(',')}}`
}
