/** The front page out of the README: what it is in five lines, the picture, the two commands. */
export function homePage(readme: string): string {
  const [head = ''] = readme.split(/^## /m)
  const tagline = lineOf(head, /^(?!#|-|!|`)(\S.+)$/m, 'a line that says what it is')
  const picture = lineOf(head, /^(!\[.+\]\(.+\))$/m, 'a picture')
  const points = [...head.matchAll(/^- \*\*(.+?)\.?\*\* (.+)$/gm)]
  if (points.length < 3) throw new Error('The README does not say in a list what it is')
  const features = points.map(([, title = '', details = '']) => ({ title, details: inlineHtml(details) }))
  const hero = {
    name: 'Taskloom',
    tagline,
    actions: [
      { theme: 'brand', text: 'Quick starts', link: '/overview#quick-starts' },
      { theme: 'alt', text: 'Defining tasks', link: '/defining-tasks' },
      { theme: 'alt', text: 'Reference', link: '/api/engine' },
    ],
  }
  const front = { layout: 'home', title: 'Taskloom', titleTemplate: false, hero, features }
  return ['---', JSON.stringify(front, null, 2), '---', '', picture, '', section(readme, 'Two commands'), ''].join('\n')
}

function section(readme: string, title: string): string {
  const start = readme.indexOf(`\n## ${title}\n`)
  if (start < 0) throw new Error(`The README has no section “${title}”`)
  return (
    readme
      .slice(start + 1)
      .split(/\n(?=## )/)[0]
      ?.trim() ?? ''
  )
}

function lineOf(text: string, pattern: RegExp, what: string): string {
  const [, line] = pattern.exec(text) ?? []
  if (line === undefined) throw new Error(`The README does not begin with ${what}`)
  return line
}

/** The features are HTML, not Markdown. */
function inlineHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/`([^`]+)`/g, '<code>$1</code>')
    .replace(/\[([^\]]+)\]\([^)]+\)/g, '$1')
}
