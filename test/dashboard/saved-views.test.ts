import { emulateMedia, setViewport } from '@web/test-runner-commands'
import { createFixture } from './fixture.ts'
import {
  assert,
  assertAccessible,
  assertEqual,
  button,
  find,
  findAll,
  get,
  mount,
  textOf,
  unmountAll,
  until,
  type DashboardElement,
} from './mounted.ts'

before(() => emulateMedia({ reducedMotion: 'reduce' }))
beforeEach(() => setViewport({ width: 1280, height: 900 }))
afterEach(unmountAll)

type Page = DashboardElement & { views: unknown }

async function openMenu(element: Node): Promise<HTMLElement> {
  button(element, 'Saved views').click()
  await until(() => find(element, 'task-views-menu') !== null && find(element, 'input.new') !== null, 'the menu')
  return get(element, 'task-views-menu')
}

function save(menu: HTMLElement, name: string): void {
  get<HTMLInputElement>(menu, 'input.new').value = name
  button(menu, 'Save view').click()
}

describe('saved views', () => {
  for (const theme of ['light', 'dark']) {
    it(`break no rule of accessibility, ${theme}`, async () => {
      const { element } = await mount({ theme, 'url-state': '' })
      ;(element as Page).views = [{ name: 'Failed mail', query: 'status=failed&queue=mail' }]
      const menu = await openMenu(element)
      save(menu, 'Mine')
      await until(() => textOf(menu).includes('Mine'), 'the view')
      button(menu, 'Change Mine').click()
      await until(() => find(menu, 'form.change') !== null, 'the form')
      await assertAccessible(element)
    })
  }

  it('are saved, shown, renamed, set anew, moved and deleted', async () => {
    const { element, fixture } = await mount()
    findAll<HTMLButtonElement>(element, 'button.cell')
      .find((cell) => textOf(cell).includes('Failed'))
      ?.click()
    await until(() => fixture.calls.some((call) => /^GET \?.*status=failed/.test(call)), 'the filter')
    const menu = await openMenu(element)
    save(menu, 'Broken')
    await until(() => textOf(menu).includes('Broken'), 'the view')
    button(element, 'Clear filters').click()
    await until(() => find(element, '.chip') === null, 'everything')
    save(menu, 'All')
    await until(() => findAll(menu, '.view').length === 2, 'two views')
    button(menu, 'Broken').click()
    await until(() => textOf(get(element, 'task-search-box')).includes('failed'), 'the chip')
    await until(() => button(menu, 'Broken').getAttribute('aria-current') === 'true', 'the mark')
    button(menu, 'Change Broken').click()
    await until(() => find(menu, 'form.change') !== null, 'the form')
    get<HTMLInputElement>(menu, 'form.change input').value = 'Failed ones'
    button(menu, 'Rename').click()
    await until(() => textOf(menu).includes('Failed ones'), 'the name')
    button(menu, 'Change Failed ones').click()
    await until(() => find(menu, 'form.change') !== null, 'the form')
    button(menu, 'Move Failed ones down').click()
    await until(() => textOf(findAll(menu, '.view')[1]!).includes('Failed ones'), 'its place')
    button(menu, 'Delete Failed ones').click()
    await until(() => findAll(menu, '.view').length === 1, 'one view')
    const kept = JSON.parse(localStorage.getItem(`taskloom:${location.origin}/tasks:views`) ?? '{}') as {
      own: unknown[]
    }
    assertEqual(kept.own, [{ name: 'All', query: '' }])
  })

  it('of the page are offered, and one can be the first', async () => {
    const fixture = createFixture()
    const { element } = await mount()
    unmountAll()
    const again = async (setting: (page: Page) => void): Promise<Page> => {
      const page = document.createElement('task-dashboard') as Page
      page.setAttribute('src', '/tasks')
      page.fetch = fixture.fetch
      setting(page)
      document.body.append(page)
      await until(() => find(page, 'task-search-box') !== null, 'rows and what is above them')
      return page
    }
    assert(!element.isConnected, 'the first is gone')
    localStorage.clear()
    const views = [
      { name: 'Failed', query: 'status=failed', isFirst: true },
      { name: 'Mail', query: 'queue=mail' },
    ]
    const first = await again((page) => (page.views = views))
    assert(textOf(get(first, 'task-search-box')).includes('failed'), 'the view of the page')
    const menu = await openMenu(first)
    button(menu, 'Begin with Mail').click()
    await until(() => button(menu, 'Begin with Mail').ariaPressed === 'true', 'the choice')
    unmountAll()
    const second = await again((page) => (page.views = views))
    assert(textOf(get(second, 'task-search-box')).includes('mail'), 'the view of the operator')
  })
})
