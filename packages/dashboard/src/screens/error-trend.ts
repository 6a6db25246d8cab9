import { css, html, nothing, svg, type TemplateResult } from 'lit'

const step = 4
const high = 18

/** How often it came in each hour, the current one last: a bar per hour over a line; `label` says it in words. */
export function trend(values: readonly number[], label: string): TemplateResult {
  const most = Math.max(1, ...values)
  const width = values.length * step - 1
  const bars = values.map((value, hour) => {
    if (value === 0) return nothing
    const height = Math.max(3, (value / most) * high)
    return svg`<rect x=${hour * step} y=${(high - height).toFixed(1)} width="3" height=${height.toFixed(1)}/>`
  })
  return html`<svg
    class="trend"
    viewBox="0 0 ${width} ${high}"
    preserveAspectRatio="none"
    role="img"
    aria-label=${label}
  >
    <title>${label}</title>
    ${svg`<rect class="none" y=${high - 1} width=${width} height="1"/>`}${bars}
  </svg>`
}

/** For `trend`. */
export const trendStyles = css`
  svg.trend {
    display: block;
    inline-size: 95px;
    max-inline-size: 100%;
    block-size: 18px;
    stroke: none;
    fill: var(--td-failed);
    shape-rendering: crispEdges;
  }
  .trend .none {
    fill: var(--td-line);
  }
  .put-away .trend {
    fill: var(--td-bar);
  }
  @media (forced-colors: active) {
    svg.trend {
      fill: CanvasText;
    }
  }
`
