import { elements } from './elements.ts'

// A page may load the dashboard twice, or two versions of it: the first that came keeps the name.
for (const [name, element] of Object.entries(elements)) {
  if (!customElements.get(name)) customElements.define(name, element)
}
