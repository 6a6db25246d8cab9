import { readFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { cpus, loadavg, totalmem } from 'node:os'
import { format } from 'prettier'

/** What a figure was measured on; nothing that says whose machine it is. */
export interface Machine {
  readonly node: string
  readonly platform: string
  readonly cpu: string
  readonly cores: number
  readonly memoryGiB: number
  /** Processes that wanted to run as the measurement began, over the last minute. */
  readonly load: number
  /** Whether so much else ran that absolute figures are too low. */
  readonly isBusy: boolean
}

/** A report as it is kept: when, on what and of which versions. */
export interface Recorded<R> {
  /** The day, in UTC. */
  readonly at: string
  readonly machine: Machine
  /** Of what was measured, by name. */
  readonly versions: Readonly<Record<string, string>>
  readonly report: R
}

export const reportsFolder = new URL('../docs/benchmarks/', import.meta.url)
const resultsFolder = new URL('./results/', import.meta.url)
const busyShare = 0.5

/** To be asked for before the measurement: it makes its own load. */
export function describeMachine(): Machine {
  const [load = 0] = loadavg()
  const cores = cpus().length
  return {
    node: process.version,
    platform: `${process.platform} ${process.arch}`,
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    load: Math.round(load * 100) / 100,
    isBusy: load > cores * busyShare,
  }
}

/** The versions of installed packages: ours, and those of the benches' own folder with `peers/` before their name. */
export function versionsOf(names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(names.map((name) => [name.replace(/^peers\//, ''), versionOf(name)]))
}

/** Writes a report into the documentation where it is to be kept, else where nobody looks; gives it as it is written. */
export async function record<R>(name: string, recorded: Recorded<R>, isKept: boolean): Promise<Recorded<R>> {
  const folder = isKept ? reportsFolder : resultsFolder
  await mkdir(folder, { recursive: true })
  const text = await format(JSON.stringify(recorded, roundFigures), { parser: 'json', printWidth: 120 })
  await writeFile(new URL(`${name}.json`, folder), text)
  console.log(`wrote ${isKept ? 'docs/benchmarks' : 'bench/results'}/${name}.json`)
  return JSON.parse(text) as Recorded<R>
}

export const today = (): string => new Date().toISOString().slice(0, 10)

function versionOf(name: string): string {
  const path = name.startsWith('peers/') ? `./peers/node_modules/${name.slice(6)}` : `../node_modules/${name}`
  const text = readFileSync(new URL(`${path}/package.json`, import.meta.url), 'utf8')
  return (JSON.parse(text) as { readonly version: string }).version
}

/** Four digits are more than any of them is worth. */
function roundFigures(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toPrecision(4)) : value
}
