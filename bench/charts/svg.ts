/** Colours of lines and bars, which are told apart by their names, too. At most so many series are in one chart. */
export const seriesCount = 6

const style = `
text{font:13px system-ui,sans-serif;fill:#1f2328}
.title{font-size:16px;font-weight:600}
.soft{fill:#59636e}
.ground{fill:#fff}
.grid{stroke:#d1d9e0}
.axis{stroke:#818b98}
.bound{stroke:#bc4c00;stroke-width:2}
.boundword{fill:#bc4c00}
.ours{fill:#0969da}
.theirs{fill:#9aa4af}
.line{fill:none;stroke-width:2}
.s0{stroke:#0969da}.s1{stroke:#bf3989}.s2{stroke:#1a7f37}.s3{stroke:#8250df}.s4{stroke:#9a6700}.s5{stroke:#cf222e}
@media(prefers-color-scheme:dark){
text{fill:#f0f6fc}
.soft{fill:#9198a1}
.ground{fill:#0d1117}
.grid{stroke:#3d444d}
.axis{stroke:#656c76}
.bound{stroke:#f0883e}
.boundword{fill:#f0883e}
.ours{fill:#4493f8}
.theirs{fill:#656c76}
.s0{stroke:#4493f8}.s1{stroke:#f778ba}.s2{stroke:#3fb950}.s3{stroke:#ab7df8}.s4{stroke:#d29922}.s5{stroke:#f85149}
}`.replaceAll('\n', '')

/** What every chart has beside its marks. */
export interface Caption {
  readonly title: string
  /** Under the title: what is measured, in which unit, and what is better. */
  readonly subtitle: string
  /** All figures in words, for those who do not see the picture. */
  readonly description: string
}

/** Room above the marks for title and subtitle. */
export const headHeight = 64

/** A whole picture, which has its own light and dark colours. */
export function drawing(width: number, height: number, caption: Caption, marks: readonly string[]): string {
  const { title, subtitle, description } = caption
  const open =
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" ` +
    `role="img" aria-labelledby="title description">`
  return [
    open,
    `<title id="title">${escapeXml(title)}</title>`,
    `<desc id="description">${escapeXml(description)}</desc>`,
    `<style>${style}</style>`,
    `<rect class="ground" width="${width}" height="${height}"/>`,
    text(16, 26, title, 'title'),
    text(16, 48, subtitle, 'soft'),
    ...marks,
    '</svg>',
    '',
  ].join('\n')
}

export type Anchor = 'start' | 'middle' | 'end'

export function text(x: number, y: number, words: string, name = '', anchor: Anchor = 'start'): string {
  const named = name === '' ? '' : ` class="${name}"`
  const anchored = anchor === 'start' ? '' : ` text-anchor="${anchor}"`
  return `<text x="${round(x)}" y="${round(y)}"${named}${anchored}>${escapeXml(words)}</text>`
}

export function line(x1: number, y1: number, x2: number, y2: number, name: string): string {
  return `<line x1="${round(x1)}" y1="${round(y1)}" x2="${round(x2)}" y2="${round(y2)}" class="${name}"/>`
}

export function bar(x: number, y: number, width: number, height: number, name: string): string {
  return `<rect x="${round(x)}" y="${round(y)}" width="${round(Math.max(1, width))}" height="${height}" class="${name}"/>`
}

export function path(points: readonly (readonly [number, number])[], name: string): string {
  return `<polyline points="${points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ')}" class="${name}"/>`
}

/** A figure as one reads it: three digits, thousands apart. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return '–'
  const size = Math.abs(value)
  if (size >= 1_000) return Math.round(Number(value.toPrecision(3))).toLocaleString('en-US')
  return String(Number(value.toPrecision(size >= 1 ? 3 : 2)))
}

export function escapeXml(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

function round(length: number): number {
  return Math.round(length * 10) / 10
}
