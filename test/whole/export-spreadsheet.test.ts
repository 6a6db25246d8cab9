import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createServer } from 'node:http'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { mount } from '@taskloom/engine/node'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listen } from '../../packages/testkit/src/adapter-suite.ts'
import { mountable, ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { launchBrowser, type TestBrowser } from './browser.ts'
import { appears, byRole, clickOn } from './screen.ts'

const run = promisify(execFile)
const folders = (process.env['PATH'] ?? '').split(delimiter)
const office = folders.map((each) => join(each, 'soffice')).find((path) => existsSync(path)) ?? null

/** What a spreadsheet would run, or take for something else, if it were not disarmed. */
const errors = [
  '=1+1',
  '+1+1',
  '-1+1',
  '@SUM(A1:A2)',
  '=HYPERLINK("http://127.0.0.1/","click")',
  '\t=1+1',
  '  =cmd|"/c calc"!A0',
  '＝1+1',
  'a "quoted", comma\nand a line',
  '-12.5',
]

let folder: string
let browser: TestBrowser
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskloom-sheet-'))
  browser = await launchBrowser()
})
afterAll(async () => {
  await browser.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

it.skipIf(office === null)(
  'the exported file opens in LibreOffice with formulas inert and negative numbers intact',
  async () => {
    const source = new ScriptedSource()
    for (const error of errors) await source.add({ status: 'failed', error, durationMs: -12.5 })
    const server = createServer()
    mount(server, mountable(source), { path: '/tasks' })
    const host = await listen(server, '/tasks')
    const page = await browser.newPage()
    const session = await browser.browser.target().createCDPSession()
    await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: folder })
    await page.goto(`${host.origin}/tasks/dashboard`)
    await appears(page, 'task-dashboard >>> tr[data-task-id]')
    await clickOn(page, byRole('button', 'Export CSV'))
    const exported = async () => (await readdir(folder)).find((name) => name.endsWith('.csv'))
    await expect.poll(exported, { timeout: 20_000 }).toBeDefined()

    const sheet = await openInLibreOffice(join(folder, (await exported())!))
    expect(sheet).not.toContain('table:formula')
    const cells = [...sheet.matchAll(/office:value-type="float" office:value="([^"]*)"/g)].map(([, value]) =>
      Number(value),
    )
    expect(cells.filter((value) => value === -12.5)).toHaveLength(errors.length)
    const texts = [...sheet.matchAll(/<text:p>(.*?)<\/text:p>/g)].map(([, text]) => text)
    for (const dangerous of ['=1+1', '+1+1', '-1+1', '@SUM(A1:A2)', '-12.5']) {
      expect(texts.some((text) => text?.includes(dangerous))).toBe(true)
    }
    await host.close()
  },
  120_000,
)

/** The file as LibreOffice understands it, as flat XML: values by type, formulas by name. */
async function openInLibreOffice(file: string): Promise<string> {
  const profile = join(folder, 'profile')
  const filter = 'CSV:44,34,76,1,,0,false,true,false,false,false,-1'
  const flags = [`-env:UserInstallation=file://${profile}`, '--headless', '--norestore', `--infilter=${filter}`]
  await run(office ?? '', [...flags, '--convert-to', 'fods', '--outdir', folder, file], { timeout: 100_000 })
  const name = (await readdir(folder)).find((each) => each.endsWith('.fods'))
  return readFile(join(folder, name!), 'utf8')
}
