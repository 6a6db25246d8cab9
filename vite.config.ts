import { transform } from 'esbuild'
import { defineConfig, type Plugin } from 'vite'

/**
 * The single file for a `<script>` tag. The packages are resolved as anybody would: from their `dist`, so `tsc -b` runs
 * first.
 */
export default defineConfig({
  publicDir: false,
  plugins: [writesCsvOnly(), compactTemplates(), minifyModules()],
  build: {
    target: 'es2022',
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

/** Minifiers leave template literals alone; half of ours is indentation and style sheets. */
function compactTemplates(): Plugin {
  return {
    name: 'compact-templates',
    enforce: 'pre',
    transform(code, id) {
      if (!id.includes('/packages/dashboard/src/')) return null
      const sheets = code.replace(/\bcss`([^`]*)`/g, (_, sheet: string) => `css\`${compactSheet(sheet)}\``)
      return { code: sheets.replace(/\n[ \t]+/g, '\n'), map: null }
    },
  }
}

function compactSheet(sheet: string): string {
  return sheet
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s+/g, ' ')
    .replace(/\s*([{};,])\s*/g, '$1')
    .replace(/: /g, ':')
    .replace(/;}/g, '}')
}

/** Vite keeps the white space of ES libraries; a file that is loaded by browsers needs none. */
function minifyModules(): Plugin {
  return {
    name: 'minify-modules',
    enforce: 'post',
    async generateBundle({ format }, bundle) {
      if (format !== 'es') return
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue
        chunk.code = (
          await transform(chunk.code, { minify: true, charset: 'utf8', format: 'esm', target: 'es2022' })
        ).code
      }
    },
  }
}
