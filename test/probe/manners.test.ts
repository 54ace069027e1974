import { describe, test } from 'vitest'
import { SOON, stage } from './stage.ts'

const on = stage({ concurrent: true })

const TAG = '<script src="{{reporter}}/probe.js" data-expect="#board"></script>'

const add = (name: string, html: string): string => {
  on.pages.add(name, `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">${html}`)
  return `made/${name}`
}

/** Collects the faults a page would notice, from before anything else runs. */
const FAULTS = `
  window.faults = []
  addEventListener('error', ({ message }) => faults.push(message), true)
  addEventListener('unhandledrejection', ({ reason }) => faults.push(String(reason)))
`

/** Records a script's use of the browser, from before it runs: timers, frames, listeners, requests, storage. */
const COUNT = `
  window.asked = []
  const count = (owner, name) => {
    const own = owner[name]
    owner[name] = function (...args) {
      if (new Error().stack.includes('/probe')) asked.push(name)
      return own.apply(this, args)
    }
  }
  for (const name of ['setTimeout', 'setInterval', 'requestAnimationFrame', 'fetch', 'Worker', 'queueMicrotask']) count(window, name)
  count(EventTarget.prototype, 'addEventListener')
  count(Storage.prototype, 'setItem')
  count(Navigator.prototype, 'sendBeacon')
  count(Node.prototype, 'appendChild')
  count(Node.prototype, 'insertBefore')
  count(History.prototype, 'pushState')
  ${FAULTS}
`

/** The page's globals and its document. */
const SNAPSHOT = `({
  globals: Reflect.ownKeys(window).map(String).filter((key) => !/^\\d+$/.test(key)),
  document: document.documentElement.outerHTML,
  natives: [fetch, setTimeout, addEventListener, history.pushState, Element.prototype.attachShadow, HTMLMediaElement.prototype.play].map(String),
  stored: [Object.keys(localStorage), document.cookie],
})`

/** Unusual pages, which must not affect the probe, nor it them. */
const HOSTS: [what: string, html: string][] = [
  ['two tags', `${TAG}${TAG}`],
  ['async', TAG.replace('src', 'async src')],
  ['defer', TAG.replace('src', 'defer src')],
  [
    'injected',
    `<script>
        const script = document.createElement('script')
        script.src = '{{reporter}}/probe.js'
        script.dataset.expect = '#board'
        document.head.append(script)
      </script>`,
  ],
  [
    'frozen time',
    `<script>Date.now = () => 0; window.Date = class { getTime() { return 0 } }</script>${TAG}`,
  ],
  ['performance.now that stands, later', `${TAG}<script>performance.now = () => 0</script>`],
  ['fetch that fails, later', `${TAG}<script>window.fetch = () => Promise.reject(new Error('no'))</script>`],
  [
    'toJSON on every array and object',
    `<script>Array.prototype.toJSON = function () { return [...this] }</script>${TAG}`,
  ],
  [
    'more on every array and object',
    `<script>Array.prototype.last = function () {}; Object.prototype.also = function () {}</script>${TAG}`,
  ],
  [
    'listeners that throw',
    `${TAG}<script>
        for (const event of ['hello', 'loaded', 'check', 'heartbeat']) {
          Stillrolling.on(event, () => { throw new Error('listener of the page') })
        }
      </script>`,
  ],
  ['a global of that name', `<script>window.Stillrolling = 'ours'</script>${TAG}`],
  ['a constant of that name', `<script>const Stillrolling = 'ours'</script>${TAG}`],
  [
    'a window that cannot be added to',
    `<script>Object.defineProperty(window, 'Stillrolling', { value: undefined })</script>${TAG}`,
  ],
  ['a console that throws', `<script>console.warn = () => { throw new Error('no') }</script>${TAG}`],
]

describe('without a token', () => {
  test('does nothing in the browser, and its calls have no effect', async ({ expect }) => {
    const path = add('dormant', `${TAG}<p id="board">x</p>`)
    const { page } = await on.open(path, { token: null, before: (page) => page.addInitScript(COUNT) })
    await expect.poll(() => page.evaluate('window.Stillrolling?.state.phase'), SOON).toBe('dormant')
    const before = on.collector.requests.length
    const called = await page.evaluate(`{
      const end = Stillrolling.on('loaded', () => {})
      Stillrolling.expect({ element: '#never' })
      Stillrolling.ready()
      Stillrolling.note({ a: 1 })
      Stillrolling.stop()
      end()
      ;[asked, faults, Object.keys(sessionStorage), Stillrolling.state.phase]
    }`)
    expect(called).toEqual([[], [], [], 'dormant'])
    expect(on.collector.requests.slice(before)).toEqual([])
    // With a token the same page does use all of it, so the recording works.
    const recorded = await on.open(path, { before: (page) => page.addInitScript(COUNT) })
    await recorded.first('loaded')
    const asked = (await recorded.page.evaluate('asked')) as string[]
    expect([...new Set(asked)].sort()).toEqual(
      ['addEventListener', 'fetch', 'requestAnimationFrame', 'setItem', 'setTimeout'].sort(),
    )
  })
})

describe.concurrent('in a page that is recorded', () => {
  test('does not change globals, the document or browser functions', async ({ expect }) => {
    const path = add('untouched', `<p id="board">x</p><script>window.before = ${SNAPSHOT}</script>${TAG}`)
    const { page, first } = await on.open(path)
    await first('loaded')
    const [before, after] = (await page.evaluate(
      `(() => { const { before } = window; delete window.before; return [before, ${SNAPSHOT}] })()`,
    )) as { globals: string[]; document: string; natives: string[]; stored: unknown }[]
    expect(after?.globals.filter((key) => !before?.globals.includes(key))).toEqual(['Stillrolling'])
    expect(after?.natives).toEqual(before?.natives)
    expect(after?.stored).toEqual(before?.stored)
    // The first snapshot ends at the tag, where the parser was.
    const rest = (text = '') => text.replace(/<script>window\.before[\s\S]*/, '')
    expect(rest(after?.document)).toBe(rest(before?.document))
  })

  test('works in unusual pages', async ({ expect }) => {
    const reply = () => ({ interval: 1 })
    const works = async ([what, html]: (typeof HOSTS)[number]) => {
      const path = add(`with-${what.replaceAll(/\W+/g, '-')}`, `<p id="board">x</p>${html}`)
      const { page, first, reports } = await on.open(path, {
        reply,
        before: (page) => page.addInitScript(FAULTS),
      })
      const loaded = await first('loaded')
      const last = () => reports().at(-1)
      await expect.poll(() => last()?.seq, { ...SOON, message: what }).toBeGreaterThan(loaded.seq)
      for (const once of ['hello', 'loaded']) {
        expect(
          reports().filter(({ type }) => type === once),
          `${what}: ${once}`,
        ).toHaveLength(1)
      }
      expect(new Set(reports().map(({ page }) => page)).size, what).toBe(1)
      const well = { checks: [{ name: '#board', ok: true }], errors: 0, failed: 0 }
      expect(last(), what).toMatchObject(well)
      expect(await page.evaluate('faults'), what).toEqual([])
    }
    // Half of them at a time, for two cores.
    await Promise.all(HOSTS.slice(0, 7).map(works))
    await Promise.all(HOSTS.slice(7).map(works))
  })

  test('does nothing as a module, where it cannot know its tag', async ({ expect }) => {
    const path = add('module', `<p id="board">x</p>${TAG.replace('src', 'type="module" src')}`)
    const { page, reports } = await on.open(path)
    await page.waitForLoadState('load')
    expect(await page.evaluate('window.Stillrolling')).toBeUndefined()
    expect(reports()).toEqual([])
  })

  test('does not hold up a page that navigates while it starts, and runs in the next one', async ({
    expect,
  }) => {
    add('next', `${TAG}<p id="board">x</p>`)
    const path = add('hasty', `<p id="board">x</p>${TAG}<script>location.replace('/made/next')</script>`)
    const { page, first, reports } = await on.open(path)
    await first('loaded')
    expect(page.url()).toMatch(/next$/)
    expect(reports().at(-1)).toMatchObject({ type: 'loaded', errors: 0, failed: 0 })
  })

  test('leaves no timer, listener or request after stop()', async ({ expect }) => {
    const path = add('stopped', `${TAG}<p id="board">x</p>`)
    const reply = () => ({ interval: 0.5 })
    const { page, first, reports } = await on.open(path, {
      reply,
      before: (page) => page.addInitScript(COUNT),
    })
    await first('heartbeat')
    await page.evaluate('Stillrolling.stop()')
    await page.evaluate('asked.length = 0')
    const before = reports().length
    await page.evaluate(`(async () => {
      document.querySelector('#board').remove()
      dispatchEvent(new Event('online'))
      await new Promise((done) => setTimeout(done, 2500))
      dispatchEvent(new Event('pagehide'))
    })()`)
    expect(await page.evaluate('[asked, faults, Stillrolling.state.phase]')).toEqual([[], [], 'stopped'])
    // One may have been in transit.
    expect(reports().length).toBeLessThanOrEqual(before + 1)
    expect(reports().some(({ type }) => type === 'bye')).toBe(false)
    expect(reports().flatMap(({ checks }) => checks)).not.toContainEqual(
      expect.objectContaining({ name: '#board', ok: false }),
    )
  })
})
