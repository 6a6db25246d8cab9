import { siblings } from './index.ts'

// The dashboard may have brought some of them, or another version all: the first that came keeps the name.
for (const [name, element] of Object.entries(siblings)) {
  if (!customElements.get(name)) customElements.define(name, element)
}
