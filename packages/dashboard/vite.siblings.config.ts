import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig, parseAst, Visitor, type Plugin } from 'vite'
import dashboard from '../../vite.config.ts'

/** The file of the small elements, beside that of the dashboard, whose build runs this one when it has emptied the folder. */
export default defineConfig({
  ...dashboard,
  plugins: [
    asksOnly(['list', 'progress', 'stream']),
    drawsOnly(['alert', 'ban', 'check', 'clock', 'lock', 'running', 'unknown', 'zap']),
    saysOnly(['siblings', 'elements/status-badge.ts', 'format.ts']),
    ...(dashboard.plugins ?? []).filter((plugin) => (plugin as Plugin).name !== 'with-siblings'),
  ],
  build: {
    ...dashboard.build,
    emptyOutDir: false,
    lib: { entry: 'packages/dashboard/src/siblings/define.ts', formats: ['es'], fileName: 'task-siblings' },
    rolldownOptions: {
      preserveEntrySignatures: 'allow-extension',
      output: {
        entryFileNames: 'task-siblings.js',
        chunkFileNames: 'parts/[name]-[hash].js',
        codeSplitting: { groups: [{ name: 'task-siblings', test: /dashboard.src.siblings.define\.ts$/ }] },
      },
    },
  },
})

/** The small elements ask three routes; the shapes of what the others would answer are a tenth of the file. */
function asksOnly(names: readonly string[]): Plugin {
  const route = /^ {4}(\w+): (get|command)\([\s\S]*?\),\n(?= {4}\w|\})/gm
  const shape = /(?<!function |\.)\b(?=(array|dictionary|extend|named|nullable|object|oneOf|openEnum|optional)\()/g
  // Nobody turns to the next page.
  const cursor = /^export function (formatCursor|parseCursor)\([\s\S]*?^\}\n/gm
  return {
    name: 'asks-only',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('/protocol/dist/')) return null
      const asked = id.endsWith('/routes/page.js')
        ? code.replace(route, (text, name: string) => (names.includes(name) ? text : ''))
        : code
      const onFirstPage = asked.replace(cursor, 'export function $1() { return null }\n')
      return { code: onFirstPage.replace(shape, '/*#__PURE__*/'), map: null }
    },
  }
}

/** Of the icons they draw a few. */
function drawsOnly(names: readonly string[]): Plugin {
  return {
    name: 'draws-only',
    enforce: 'pre',
    transform(code, id) {
      if (!id.endsWith('/dashboard/src/icons.ts')) return null
      const drawn = code.replace(/^ {2}(\w+): svg`[^`]*`,\n/gm, (line, name: string) =>
        names.includes(name) ? line : '',
      )
      return { code: drawn, map: null }
    },
  }
}

/** Of each language they say a few texts: those that stand in their own files. */
function saysOnly(names: readonly string[]): Plugin {
  const folder = fileURLToPath(new URL('src/', import.meta.url))
  const files = names.flatMap((name) =>
    name.endsWith('.ts') ? [name] : readdirSync(join(folder, name)).map((file) => join(name, file)),
  )
  const text = files.map((file) => readFileSync(join(folder, file), 'utf8')).join('\n')
  const isSaid = (key: string) => text.includes(key) || text.includes(key.replaceAll("'", "\\'"))
  return {
    name: 'says-only',
    transform(code, id) {
      if (!/\/dashboard\/src\/locales\/(?!index\.)/.test(id)) return null
      let shorter = code
      new Visitor({
        VariableDeclarator({ init }) {
          if (init?.type !== 'ObjectExpression') return
          const kept = init.properties.filter(
            (entry) => entry.type !== 'Property' || entry.key.type !== 'Literal' || isSaid(String(entry.key.value)),
          )
          const entries = kept.map(({ start, end }) => code.slice(start, end))
          shorter = shorter.replace(code.slice(init.start, init.end), () => `{ ${entries.join(', ')} }`)
        },
      }).visit(parseAst(code))
      return { code: shorter, map: null }
    },
  }
}
