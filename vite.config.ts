import { defineConfig } from 'vite'

/** The single file for a `<script>` tag. The packages are resolved as anybody would: from their `dist`, so `tsc -b` runs first. */
export default defineConfig({
  publicDir: false,
  build: {
    target: 'es2022',
    outDir: 'packages/dashboard/dist/cdn',
    emptyOutDir: true,
    sourcemap: true,
    minify: 'oxc',
    lib: {
      entry: 'packages/dashboard/src/define.ts',
      name: 'TaskDashboard',
      formats: ['es', 'iife'],
      fileName: (format) => (format === 'es' ? 'task-dashboard.js' : 'task-dashboard.iife.js'),
    },
    rollupOptions: { output: { codeSplitting: false } },
  },
})
