/** The public custom properties of the dashboard with their defaults, for a page around it: one table of colours for both. */
export function colours(tokens: string): string {
  const found = [...tokens.matchAll(/var\((--task-[a-z0-9-]+), (light-dark\([^()]*\))\)/g)]
  if (found.length < 20) throw new Error('The colour table of the dashboard is not understood any more')
  return `:root {\n${found.map(([, name = '', value = '']) => `  ${name}: ${value};`).join('\n')}\n}\n`
}
