import { html, type TemplateResult } from 'lit'

/** A heading of the level that the host page's outline needs. */
export function heading(level: number, text: string): TemplateResult {
  switch (level) {
    case 1:
      return html`<h1 part="heading">${text}</h1>`
    case 3:
      return html`<h3 part="heading">${text}</h3>`
    case 4:
      return html`<h4 part="heading">${text}</h4>`
    case 5:
      return html`<h5 part="heading">${text}</h5>`
    case 6:
      return html`<h6 part="heading">${text}</h6>`
    default:
      return html`<h2 part="heading">${text}</h2>`
  }
}
