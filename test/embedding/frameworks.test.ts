import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, type Plugin } from 'esbuild'
import { progress } from '@taskloom/engine'
import type { Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { compileScript, parse } from 'vue/compiler-sfc'
import { launchBrowser, type TestBrowser } from '../whole/browser.ts'
import { appears, clickOn, rowSelector } from '../whole/screen.ts'
import { htmlPage, says, startSite, type Site } from './site.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const guide = readFileSync(join(root, 'docs/frameworks.md'), 'utf8')
/** What the recipes give for a token, which the mount takes for a key. */
const key = 'token-of-the-page'

/** The first sample below a heading of the guide. */
function recipe(heading: string): string {
  const section = guide.slice(guide.indexOf(`\n## ${heading}\n`))
  return /```\w+\n(.*?)```/s.exec(section)?.[1] ?? ''
}

const react18 = `
import { Dashboard } from 'recipe:React 18'
const getToken = async () => '${key}'
const Admin = () => {
  const [selected, setSelected] = useState(null)
  return <><p>{selected ?? 'nothing is open'}</p><Dashboard src="/tasks" getToken={getToken} onSelect={setSelected} /></>
}`
const reactMain = (admin: string) => `
import { useState } from 'react'
import { createRoot } from 'react-dom/client'
${admin}
const root = createRoot(document.querySelector('#app'))
root.render(<Admin importId={window.importId} />)
window.setImport = (id) => root.render(<Admin importId={id} />)
window.unmount = () => root.unmount()`
const vueMain = `
import { createApp, h, shallowRef } from 'vue'
import Admin from 'recipe:Vue 3'
const importId = shallowRef(window.importId)
const app = createApp({ render: () => h(Admin, { importId: importId.value }) })
app.mount('#app')
window.setImport = (id) => { importId.value = id }
window.unmount = () => app.unmount()`

/** Takes samples of the guide for modules. */
const recipes: Plugin = {
  name: 'recipes',
  setup(builder) {
    builder.onResolve({ filter: /^recipe:/ }, ({ path }) => ({ path, namespace: 'recipe' }))
    builder.onLoad({ filter: /.*/, namespace: 'recipe' }, ({ path }) => {
      const text = recipe(path.slice('recipe:'.length))
      const isVue = path.includes('Vue')
      return { contents: isVue ? compileVue(text) : text, loader: isVue ? 'ts' : 'tsx', resolveDir: root }
    })
  },
}

function compileVue(text: string): string {
  const { descriptor, errors } = parse(text)
  expect(errors).toEqual([])
  const compilerOptions = { isCustomElement: (tag: string) => tag.startsWith('task-') }
  return compileScript(descriptor, { id: 'admin', inlineTemplate: true, templateOptions: { compilerOptions } }).content
}

async function bundle(contents: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root, loader: 'tsx' },
    plugins: [recipes],
    bundle: true,
    write: false,
    format: 'esm',
    jsx: 'automatic',
    define: {
      'process.env.NODE_ENV': '"production"',
      __VUE_OPTIONS_API__: 'true',
      __VUE_PROD_DEVTOOLS__: 'false',
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

let browser: TestBrowser
let site: Site
let page: Page
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())
afterEach(async () => {
  await page.close()
  await site.close()
})

async function visit(main: string): Promise<{ readonly faults: string[]; letGo(): void; run(): Promise<string> }> {
  site = await startSite({ mounts: { '/tasks': { apiKey: key } } })
  let letGo = (): void => undefined
  const gate = new Promise<void>((resolve) => (letGo = resolve))
  const work = site.tasks['/tasks']!.define('import_addresses', async () => {
    progress({ percent: 40, message: 'half way' })
    await gate
  })
  const run = async () => (await work.enqueue()).id
  site.serve({
    '/main.js': `window.importId = ${JSON.stringify(await run())}\n${await bundle(main)}`,
    '/': htmlPage('<div id="app"></div>', '<script type="module" src="/main.js"></script>'),
  })
  page = await browser.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    const isOfSite = !message.location().url?.endsWith('/favicon.ico')
    if (isOfSite && ['error', 'warn'].includes(message.type())) faults.push(message.text())
  })
  await page.goto(site.origin)
  return { faults, letGo, run }
}

const call = (name: string, ...values: unknown[]) =>
  page.evaluate(
    (verb, args) => (window as unknown as Record<string, (...all: unknown[]) => void>)[verb]!(...args),
    name,
    values,
  )

describe.each([
  ['React 19', reactMain(`import { Admin } from 'recipe:React 19'`)],
  ['Vue 3', vueMain],
])('a page of %s', (_name, main) => {
  it('sets attributes and properties, hears events, and lets go of everything', { timeout: 60_000 }, async () => {
    const { faults, letGo, run } = await visit(main)
    await says(page, '40', 'task-progress')
    await says(page, 'half way', 'task-progress')
    await says(page, 'nothing is open')
    expect(
      await page.$eval('task-dashboard', (element) => [
        element.getAttribute('theme'),
        (element as unknown as { pageSize: number }).pageSize,
      ]),
    ).toEqual(['dark', 50])

    const later = await run()
    await clickOn(page, rowSelector(later))
    await says(page, later, 'p:last-of-type')
    await call('setImport', later)
    await expect
      .poll(() =>
        page.$eval(
          'task-progress',
          (element) => (element as unknown as { task: { taskId: string } | null }).task?.taskId,
        ),
      )
      .toBe(later)
    letGo()
    await says(page, 'success', 'p:first-of-type')
    expect(await page.$eval('a[slot="success"]', (link) => link.assignedSlot !== null)).toBe(true)

    await expect.poll(site.streams, { timeout: 5_000 }).toBe(1)
    await call('unmount')
    await expect.poll(site.streams).toBe(0)
    expect(faults).toEqual([])
  })
})

describe('a page with the wrapper for React 18', () => {
  it('hands properties and events through a reference', { timeout: 60_000 }, async () => {
    const { faults, letGo, run } = await visit(reactMain(react18))
    letGo()
    const id = await run()
    await appears(page, rowSelector(id))
    await clickOn(page, rowSelector(id))
    await says(page, id, 'p')
    await call('unmount')
    await expect.poll(site.streams).toBe(0)
    expect(faults).toEqual([])
  })
})
