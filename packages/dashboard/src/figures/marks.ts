import { html, nothing, svg } from 'lit'

/** How full something is. */
export interface Meter {
  /** 0–1; above 1 it is full. */
  readonly share: number
  /** What is full, for those who do not see it. */
  readonly label: string
  /** `hot` where it is nearly full. */
  readonly tone?: 'calm' | 'hot'
}

/** A thin bar; the words beside it say the same. */
export function meter({ share, label, tone = 'calm' }: Meter) {
  const percent = Math.round(Math.min(1, Math.max(0, share)) * 100)
  return html`<span
    class="meter ${tone}"
    role="meter"
    aria-label=${label}
    aria-valuemin="0"
    aria-valuemax="100"
    aria-valuenow=${percent}
    ><svg aria-hidden="true">${svg`<rect class="fill" width="${percent}%" height="100%" rx="2"/>`}</svg></span
  >`
}

/** A part of a stack. */
export interface StackPart {
  /** The status whose colour it has. */
  readonly status: string
  readonly count: number
}

/** Parts side by side, as long as their share of `most`; the numbers beside it say the same. */
export function stackBar(parts: readonly StackPart[], most: number) {
  let from = 0
  const marks = parts.flatMap(({ status, count }) => {
    if (count === 0 || most === 0) return []
    const width = Math.max(0.8, (count / most) * 100)
    const x = from
    from += width
    return [svg`<rect class=${status} x="${x.toFixed(2)}%" width="${width.toFixed(2)}%" height="100%"/>`]
  })
  return html`<span class="stack"><svg aria-hidden="true">${marks}</svg></span>`
}

/** How something went lately: a line over a tint, without numbers; `label` says what and how much. */
export function sparkline(values: readonly number[], label: string) {
  if (values.length < 2) return nothing
  const most = Math.max(1, ...values)
  const points = values.map((value, index) => {
    const x = (index / (values.length - 1)) * 100
    return `${x.toFixed(1)},${(19 - (value / most) * 17).toFixed(1)}`
  })
  return html`<svg class="sparkline" viewBox="0 0 100 20" preserveAspectRatio="none" role="img" aria-label=${label}>
    ${svg`<polygon points="0,20 ${points.join(' ')} 100,20"/><polyline points=${points.join(' ')}/>`}
  </svg>`
}
