import { fileURLToPath } from 'node:url'
import { defineConfig, minify, parseAst, Visitor, type Plugin } from 'vite'

/**
 * The single file for a `<script>` tag. The packages are resolved as anybody would: from their `dist`, so `tsc -b` runs
 * first.
 */
export default defineConfig({
  publicDir: false,
  // The npm packages use eventsource-parser itself.
  resolve: {
    alias: {
      'eventsource-parser': fileURLToPath(new URL('packages/dashboard/src/cdn/event-stream.ts', import.meta.url)),
    },
  },
  plugins: [writesCsvOnly(), decodesOnly(), omitsAdvice(), compactTemplates(), listProperties(), minifyFiles()],
  build: {
    target: 'es2022',
    minify: false,
    outDir: 'packages/dashboard/dist/cdn',
    emptyOutDir: true,
    lib: {
      entry: 'packages/dashboard/src/define.ts',
      name: 'TaskDashboard',
      formats: ['es', 'iife'],
      fileName: (format) => (format === 'es' ? 'task-dashboard.js' : 'task-dashboard.iife.js'),
    },
    rollupOptions: { output: { codeSplitting: false } },
  },
})

/**
 * The dashboard writes CSV and never reads it; two thirds of papaparse is a reader, 7 kB of the file. This stands for
 * `unparse` with the two options that the client uses, and a browser test holds both to the same text.
 */
function writesCsvOnly(): Plugin {
  const name = 'papaparse'
  const virtual = `\0${name}`
  const unparse = String.raw`
    const cell = (value, formula) => {
      if (value == null) return ''
      const isFormula = typeof value === 'string' && formula.test(value)
      const text = ((isFormula ? "'" : '') + value).replace(/"/g, '""')
      return isFormula || /[\r\n",\ufeff]|^ | $/.test(text) ? '"' + text + '"' : text
    }
    const unparse = (rows, { escapeFormulae, newline }) =>
      rows.map((row) => row.map((value) => cell(value, escapeFormulae)).join(',')).join(newline)
    export default { unparse }`
  return {
    name: 'writes-csv-only',
    enforce: 'pre',
    resolveId: (source) => (source === name ? virtual : null),
    load: (id) => (id === virtual ? unparse : null),
  }
}

/**
 * A page reads what the server writes: of each codec it needs `decode` alone. The halves that write and describe are cut
 * out of the compiled codecs, so that no module of the file carries them.
 */
function decodesOnly(): Plugin {
  const isServerHalf = /^(encode|schema)\b/
  return {
    name: 'decodes-only',
    transform(code, id) {
      // Only the router refuses parameters that a route does not name.
      if (id.endsWith('/protocol/dist/routes.js')) {
        return { code: code.replace(/, (filterParams|\[[^\]]*\]|\{\s*(query|body): [^}]*\})\)/g, ')'), map: null }
      }
      if (!id.endsWith('/protocol/dist/codec.js')) return null
      let shorter = code
      const cut = ({
        start,
        end,
        properties,
      }: {
        start: number
        end: number
        properties: { start: number; end: number }[]
      }) => {
        const members = properties.map((member) => code.slice(member.start, member.end))
        if (!members.some((member) => isServerHalf.test(member))) return
        const kept = members.filter((member) => !isServerHalf.test(member))
        shorter = shorter.replace(code.slice(start, end), () => `{ ${kept.join(', ')} }`)
      }
      new Visitor({ ObjectExpression: cut }).visit(parseAst(code))
      return { code: shorter, map: null }
    },
  }
}

/** What Lit says to those who write elements is of no use to those who load ours: its errors stay, without their words. */
function omitsAdvice(): Plugin {
  return {
    name: 'omits-advice',
    transform(code, id) {
      if (!/\/node_modules\/(@lit|lit-html|lit-element)\//.test(id)) return null
      return { code: code.replace(/\bError\("[^"]{20,}"(?:\+\w+\+"[^"]*")?\)/g, 'Error()'), map: null }
    },
  }
}

/** Minifiers leave template literals alone; half of ours is indentation and style sheets. */
function compactTemplates(): Plugin {
  return {
    name: 'compact-templates',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('/packages/dashboard/src/')) return null
      const sheets = code.replace(/\bcss`([^`]*)`/g, (_, sheet: string) => `css\`${sheetMark}${compactSheet(sheet)}\``)
      const lines = sheets.replace(/\n[ \t]+/g, '\n')
      return { code: lines.replace(/\b(html|svg)`\n/g, '$1`').replace(/\n([>`])/g, '$1'), map: null }
    },
  }
}

const sheetMark = '/*sheet*/'

function compactSheet(sheet: string): string {
  return sheet
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s+/g, ' ')
    .replace(/\s*([{};,])\s*/g, '$1')
    .replace(/: /g, ':')
    .replace(/;}/g, '}')
    .replace(/ > /g, '>')
    .replace(/\b0\./g, '.')
    .trim()
}

/** The last step of both formats, because Vite keeps the white space of ES libraries and names of custom properties. */
function minifyFiles(): Plugin {
  return {
    name: 'minify-files',
    enforce: 'post',
    async generateBundle({ format }, bundle) {
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue
        const options = { module: format === 'es', compress: { target: 'es2022' }, mangle: { toplevel: true } } as const
        chunk.code = (await minify(chunk.fileName, shortenVariables(gatherSheets(chunk.code)), options)).code
      }
    },
  }
}

/** All style sheets in one place: gzip finds what they share only within 32 kB. */
function gatherSheets(code: string): string {
  const sheets: string[] = []
  const sheet = /([\w$]+)`\/\*sheet\*\/([^`]*)`/g
  const first = code.lastIndexOf('\n', code.search(sheet)) + 1
  const rest = code.slice(first).replace(sheet, (_, tag: string, text: string) => {
    sheets.push(`${tag}\`${text}\``)
    return `gatheredSheets[${sheets.length - 1}]`
  })
  return `${code.slice(0, first)}const gatheredSheets = [${sheets.join(', ')}];\n${rest}`
}

/** `--td-surface` is ours alone, in shadow roots alone; pages set `--task-surface`, which stays as it is. */
function shortenVariables(code: string): string {
  const names = [...new Set(code.match(/--td-[a-z0-9-]+/g))]
  return code.replace(/--td-[a-z0-9-]+/g, (name) => `--td${names.indexOf(name).toString(36)}`)
}

/** A class's decorator calls, one for each property, as the one static list that Lit reads as well. */
function listProperties(): Plugin {
  // `state: true` and `attribute: false` mean the same to Lit.
  const call = String.raw`_+decorate\(\[(property|state)\(([^()]*)\)\], (\w+)\.prototype, "(\w+)", void 0\);\s*`
  return {
    name: 'list-properties',
    enforce: 'post',
    transform(code, id) {
      if (!id.includes('/packages/dashboard/src/')) return null
      const shorter = code.replace(new RegExp(`(?:${call})+`, 'g'), (calls) => {
        const found = [...calls.matchAll(new RegExp(call, 'g'))]
        const entries = found.map(
          ([, kind, options = '', , name]) =>
            `${name}: ${kind === 'state' || options.includes('attribute: false') ? '{ state: true }' : options || '{}'}`,
        )
        return `${found[0]?.[3]}.properties = { ${entries.join(', ')} };\n`
      })
      return { code: shorter, map: null }
    },
  }
}
