import { fileURLToPath } from 'node:url'
import { build, defineConfig, minify, parseAst, Visitor, type Plugin } from 'vite'
import { checkedParts, classicLoader } from './packages/dashboard/checked-parts.ts'

/**
 * The file for a `<script>` tag, and beside it in `parts/` what it loads when it is needed. The packages are resolved as anybody would: from their `dist`, so `tsc -b` runs
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
  plugins: [
    writesCsvOnly(),
    decodesOnly(),
    omitsAdvice(),
    compactTemplates(),
    listProperties(),
    minifyFiles(),
    checkedParts(),
    classicLoader(),
    withSiblings(),
  ],
  build: {
    target: 'es2022',
    minify: false,
    outDir: 'packages/dashboard/dist/cdn',
    emptyOutDir: true,
    lib: {
      entry: 'packages/dashboard/src/define.ts',
      formats: ['es'],
      fileName: 'task-dashboard',
    },
    rolldownOptions: {
      // The file may give to its parts what they share with it, so that it stays one file.
      preserveEntrySignatures: 'allow-extension',
      output: {
        entryFileNames: 'task-dashboard.js',
        chunkFileNames: 'parts/[name]-[hash].js',
        codeSplitting: { groups: [{ name: 'task-dashboard', test: /dashboard.src.define\.ts$/ }] },
      },
    },
  },
})

/** The small elements come after it into the same folder, as a file that stands alone. */
function withSiblings(): Plugin {
  return {
    name: 'with-siblings',
    async closeBundle() {
      await build({ configFile: fileURLToPath(new URL('packages/dashboard/vite.siblings.config.ts', import.meta.url)) })
    },
  }
}

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
      if (id.endsWith('/protocol/dist/routes/page.js')) {
        return { code: code.replace(/, (filterParams|\[[^\]]*\]|\{\s*(query|body): [^}]*\})\)/g, ')'), map: null }
      }
      // The words of an open list stand in its description alone.
      if (!id.endsWith('/protocol/dist/codec.js')) {
        if (!id.includes('/protocol/dist/')) return null
        return { code: code.replace(/\bopenEnum\((?:\[[^\]]*\]|\w+)\)/g, 'openEnum()'), map: null }
      }
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

/** The last step, because Vite keeps the white space of ES libraries and names of custom properties. */
function minifyFiles(): Plugin {
  return {
    name: 'minify-files',
    enforce: 'post',
    async generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === 'chunk')
      // The file that is there first names them first: its names are the shortest.
      const [entry, others] = [chunks.filter(({ isEntry }) => isEntry), chunks.filter(({ isEntry }) => !isEntry)]
      const names = [...new Set([...entry, ...others].flatMap(({ code }) => code.match(/--td-[a-z0-9-]+/g) ?? []))]
      for (const chunk of chunks) {
        const options = { module: true, compress: { target: 'es2022' }, mangle: { toplevel: true } } as const
        const gathered = shortenVariables(gatherSheets(chunk.code), names)
        const { code, errors } = await minify(chunk.fileName, gathered, options)
        if (errors.length > 0) this.error(`${chunk.fileName}: ${errors[0]?.message}`)
        chunk.code = code
      }
    },
  }
}

/** All style sheets in one place: gzip finds what they share only within 32 kB. */
function gatherSheets(code: string): string {
  const sheets: string[] = []
  const sheet = /([\w$]+)`\/\*sheet\*\/([^`]*)`/g
  // After the imports of a part; in the file itself, which has none, after what makes sheets.
  const imports = /^(?:import\b[^;]*;\s*)*/.exec(code)?.[0].length ?? 0
  const first = imports || code.lastIndexOf('\n', code.search(sheet)) + 1
  const rest = code.slice(first).replace(sheet, (_, tag: string, text: string) => {
    sheets.push(`${tag}\`${text}\``)
    return `gatheredSheets[${sheets.length - 1}]`
  })
  return `${code.slice(0, first)}const gatheredSheets = [${sheets.join(', ')}];\n${rest}`
}

/** `--td-surface` is ours alone, in shadow roots alone; pages set `--task-surface`, which stays as it is. */
function shortenVariables(code: string, names: readonly string[]): string {
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
      const listed = new Set<string>()
      const shorter = code.replace(new RegExp(`(?:${call})+`, 'g'), (calls) => {
        const found = [...calls.matchAll(new RegExp(call, 'g'))]
        const entries = found.map(
          ([, kind, options = '', , name]) =>
            `${name}: ${kind === 'state' || options.includes('attribute: false') ? '{ state: true }' : options || '{}'}`,
        )
        const name = found[0]?.[3] ?? ''
        // A query between two properties of a class cuts its list in two.
        const before = listed.has(name) ? `...${name}.properties, ` : ''
        listed.add(name)
        return `${name}.properties = { ${before}${entries.join(', ')} };\n`
      })
      return { code: shorter, map: null }
    },
  }
}
