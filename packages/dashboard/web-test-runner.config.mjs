import { fileURLToPath } from 'node:url'
import { esbuildPlugin } from '@web/dev-server-esbuild'
import { chromeLauncher } from '@web/test-runner-chrome'
import { build } from 'esbuild'

const browserFlags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--disable-dev-shm-usage',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Serves packages that know no ES modules as one: the runner hands files out as they are. */
function umdAsModules(names) {
  return {
    name: 'umd-as-modules',
    resolveImport: ({ source }) => (names.includes(source) ? `/__umd__/${source}.js` : undefined),
    async serve(context) {
      const name = /^\/__umd__\/(.+)\.js$/.exec(context.path)?.[1]
      if (name === undefined || !names.includes(name)) return undefined
      const { outputFiles } = await build({
        stdin: {
          contents: `export { default } from '${name}'`,
          resolveDir: fileURLToPath(new URL('.', import.meta.url)),
        },
        bundle: true,
        write: false,
        format: 'esm',
        platform: 'browser',
        external: ['stream'],
      })
      return { body: outputFiles[0].text, type: 'js' }
    },
  }
}

export default {
  files: fileURLToPath(new URL('../../test/dashboard/**/*.test.ts', import.meta.url)),
  rootDir: fileURLToPath(new URL('../..', import.meta.url)),
  nodeResolve: { exportConditions: ['production', 'default'] },
  concurrency: 1,
  browserStartTimeout: 60_000,
  testsStartTimeout: 60_000,
  testFramework: { config: { timeout: 15_000 } },
  plugins: [
    umdAsModules(['papaparse', 'axe-core']),
    esbuildPlugin({ ts: true, target: 'es2022', tsconfig: fileURLToPath(new URL('./tsconfig.json', import.meta.url)) }),
  ],
  browsers: [
    chromeLauncher({
      concurrency: 1,
      launchOptions: {
        executablePath: process.env.CHROME_PATH ?? '/usr/bin/chromium',
        headless: true,
        args: browserFlags,
      },
    }),
  ],
}
