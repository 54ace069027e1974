import { readFile } from 'node:fs/promises'
import type { Check, Report } from '@stillrolling/probe/types'
import type { Page } from 'playwright-core'
import { describe, test } from 'vitest'
import { SOON, stage } from './stage.ts'

const on = stage({ concurrent: true })

const HEAD = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">'
const IMAGE = 'data:image/svg+xml,<svg xmlns=%27http://www.w3.org/2000/svg%27></svg>'

const add = (name: string, tag: string, body = '<p id="board">x</p>'): string => {
  on.pages.add(name, `${HEAD}<script src="{{reporter}}/probe.js" ${tag}></script>${body}`)
  return `made/${name}`
}

const describeCheck = ({ name, ok, detail }: Check) => (ok ? `${name}: met` : `${name}: ${detail}`)

/** The checks of the newest report. */
const lastOf = (reports: () => Report[]) => () => reports().at(-1)?.checks.map(describeCheck)

describe.concurrent('expectations', () => {
  test('are given by attributes: lists, text, or JSON', async ({ expect }) => {
    const reply = () => ({ interval: 0.5 })
    const tag = `data-expect="#board, p:is(.a, .b)" data-image="img" data-font="Inter, Mono" data-test="app.ready, title"
      data-text="Lesson 4, part 2" data-ready data-media='[{"media":"video","name":"teacher"}]'`
    const { reports } = await on.open(add('listed', tag, `<p id="board">x</p><img alt="" src="${IMAGE}">`), {
      reply,
    })
    await expect
      .poll(lastOf(reports), SOON)
      .toEqual([
        '#board: met',
        'p:is(.a, .b): no element matches',
        'image img: met',
        'font Inter: is not declared',
        'font Mono: is not declared',
        "test app.ready: throws: TypeError: Cannot read properties of undefined (reading 'ready')",
        'test title: is undefined',
        'text Lesson 4, part 2: is not there',
        'ready true: the page has not called ready()',
      ])
    expect(reports().at(-1)?.media).toMatchObject([
      { name: 'teacher', ok: false, detail: 'no element matches' },
    ])
  })

  test('that are neither JSON nor a selector fail as invalid selectors', async ({ expect }) => {
    const reply = () => ({ interval: 0.5 })
    const { reports } = await on.open(add('broken', `data-expect='[{"element":'`), { reply })
    await expect.poll(lastOf(reports), SOON).toEqual(['[{"element":: is not a valid selector'])
  })

  test("of the recording are added to the page's own, and replace those with the same name", async ({
    expect,
  }) => {
    const asked = [
      { name: 'board', element: '#never', timeout: 1 },
      '#clock',
      { text: 'Lesson 4', name: 'title' },
    ]
    const reply = () => ({ interval: 0.5, expect: asked })
    const tag = `data-expect='[{"name":"board","element":"#board"},{"element":"#own"}]'`
    const body = '<p id="board">x</p><p id="own">x</p><p id="clock">Lesson 4</p>'
    const { page, report, reports, first } = await on.open(add('merged', tag, body), { reply })
    await report('board', { overdue: true })
    expect(lastOf(reports)()).toEqual(['board: no element matches', '#own: met', '#clock: met', 'title: met'])
    await page.evaluate(`document.querySelector('#board').id = 'never'`)
    expect((await first('loaded')).checks.map(({ name }) => name)).toEqual([
      'board',
      '#own',
      '#clock',
      'title',
    ])
  })

  test('none: the page is loaded when the browser says so', async ({ expect }) => {
    let answer = () => {}
    const { page, first, reports } = await on.open(
      add('nothing', '', '<img alt="" src="/assets/slow.png">'),
      {
        before: (page) =>
          page.route('**/slow.png', (route) => {
            answer = () => route.abort()
          }),
      },
    )
    await first('hello')
    await expect.poll(() => page.evaluate('document.readyState')).toBe('interactive')
    await page.evaluate('new Promise((done) => setTimeout(done, 1000))')
    expect(reports().map(({ type }) => type)).toEqual(['hello'])
    answer()
    expect((await first('loaded')).checks).toEqual([])
  })
})

/** Serves built files from the page's own origin, as an application does. */
const serve = async (page: Page, files: Record<string, URL | string>): Promise<void> => {
  for (const [path, file] of Object.entries(files)) {
    const body = await readFile(file)
    await page.route(`**${path}`, (route) => route.fulfill({ contentType: 'text/javascript', body }))
  }
}

const built = (file: string) => new URL(file, import.meta.resolve('@stillrolling/probe/probe.iife.js'))

describe.concurrent('the probe', () => {
  test('can be served by the page, and given an endpoint and a token', async ({ expect }) => {
    on.pages.add(
      'own',
      `${HEAD}<script src="/own/probe.js" data-endpoint="{{reporter}}/" data-token="v1.given.x" data-expect="#board"></script>
      <p id="board">x</p>`,
    )
    const given = () => on.collector.reports.filter(({ token }) => token === 'v1.given.x')
    const asked: string[] = []
    await on.open('made/own', {
      token: null,
      before: async (page) => {
        page.on('request', (request) => asked.push(request.url()))
        await page.route('**/own/*', async (route) => {
          const { pathname } = new URL(route.request().url())
          const file = pathname === '/own/probe.js' ? 'probe.iife.js' : pathname.slice('/own/'.length)
          await route.fulfill({ contentType: 'text/javascript', body: await readFile(built(file)) })
        })
      },
    })
    await expect.poll(() => given().map(({ type }) => type), SOON).toEqual(['hello', 'loaded'])
    const ofReporter = asked.filter((url) => url.startsWith(on.collector.url))
    expect(new Set(ofReporter)).toEqual(new Set([`${on.collector.url}/v1/reports`]))
  })

  test('as a module takes options, also functions, and loads the second file beside it', async ({
    expect,
  }) => {
    on.pages.add(
      'module',
      `${HEAD}<p id="board">x</p>
      <script type="module">
        import { createProbe } from '/esm/probe.js'
        window.students = 0
        window.events = []
        window.probe = createProbe({
          endpoint: '{{reporter}}',
          expect: ['#board', { name: 'students', test: () => students > 0 }],
          stall: -1,
        })
        probe.on('hello', ({ sid }) => events.push(sid))
        probe.on('check', ({ name, ok }) => events.push([name, ok]))
        probe.on('loaded', () => events.push('loaded'))
      </script>`,
    )
    const reply = () => ({ interval: 0.5 })
    const { page, report, first } = await on.open('made/module', {
      reply,
      before: (page) =>
        serve(page, {
          '/esm/probe.js': built('probe.js'),
          '/esm/watch.js': built('watch.js'),
        }),
    })
    const { warnings } = await report('students', { ok: false, detail: 'is false' })
    expect(warnings).toEqual([{ name: 'stall', detail: 'must be a positive number of seconds, got -1' }])
    await page.evaluate('students = 1')
    expect((await first('loaded')).checks.map(describeCheck)).toEqual(['#board: met', 'students: met'])
    const events = (await page.evaluate('events')) as unknown[]
    expect(events).toContain('sid1')
    expect(events.slice(-2)).toEqual([['students', true], 'loaded'])
    // Only the script tag sets the global.
    expect(await page.evaluate('window.Stillrolling')).toBeUndefined()
  })
})

describe.concurrent('a single-page application', () => {
  test('has expectations that apply on a route, however the page got there', async ({ expect }) => {
    const reply = () => ({ interval: 0.5 })
    const expectations = [
      { element: '#board' },
      { element: '#room', route: '/made/room-*', timeout: 1 },
      { element: '#chat', route: '#/chat', timeout: 1 },
      { element: '#desk', route: '/made/räume/pult 1', timeout: 1 },
    ]
    const { page, first, report, reports } = await on.open(
      add('lobby', `data-expect='${JSON.stringify(expectations)}'`),
      { reply },
    )
    expect((await first('loaded')).checks.map(describeCheck)).toEqual(['#board: met'])
    const go = (script: string) => page.evaluate<number>(`{ ${script}; performance.now() }`)

    const entered = await go(`history.pushState(null, '', '/made/room-42')`)
    const { at } = await report('#room', { ok: false })
    expect(at - entered).toBeGreaterThanOrEqual(1000 - 1)
    await go('history.back()')
    await expect.poll(lastOf(reports), SOON).toEqual(['#board: met'])
    await go(`location.hash = '#/chat'`)
    await report('#chat', { ok: false })
    expect(lastOf(reports)()).not.toContain('#room: no element matches')
    await go(`history.replaceState(null, '', '/made/räume/pult 1')`)
    await report('#desk', { ok: false })
    await go(`history.replaceState(null, '', '/made/lobby#/lobby')`)
    await expect.poll(lastOf(reports), SOON).toEqual(['#board: met'])
    // It is still the same document.
    expect(new Set(reports().map((report) => report.page)).size).toBe(1)
  })

  test('does not fail when it re-renders an expected element', async ({ expect }) => {
    const reply = () => ({ interval: 0.5 })
    const { page, first, reports } = await on.open(
      add(
        'rendered',
        'data-expect="#board" data-text="Lesson"',
        `
      <main><p id="board">Lesson</p></main>`,
      ),
      { reply },
    )
    await first('loaded')
    await page.evaluate(`new Promise((done) => {
      const main = document.querySelector('main')
      const render = setInterval(() => { main.innerHTML = '<p id="board">Lesson</p>' }, 5)
      setTimeout(() => { clearInterval(render); done() }, 2500)
    })`)
    expect(reports().length).toBeGreaterThan(3)
    const since = reports().slice(reports().findIndex(({ type }) => type === 'loaded'))
    expect(since.flatMap(({ checks }) => checks).filter(({ ok }) => !ok)).toEqual([])
  })
})
