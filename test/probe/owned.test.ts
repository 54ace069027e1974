import { readFile } from 'node:fs/promises'
import { describe, test } from 'vitest'
import { NOTE_USED_NAMES, OWN_NAMES } from './ownedNames.ts'
import { SOON, stage } from './stage.ts'

const on = stage({ concurrent: true })

const HEAD = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">'
const tag = (attributes = 'data-expect="#board"') =>
  `<script src="{{reporter}}/probe.js" ${attributes}></script>`

const add = (name: string, html: string): string => {
  on.pages.add(name, HEAD + html)
  return `made/${name}`
}

const OFTEN = { reply: () => ({ interval: 0.5 }) }

describe.concurrent('what the page owns', () => {
  test('is not used after the start', async ({ expect }) => {
    const body = '<p id="board">Lesson 4</p>'
    const path = add('noted', `${tag()}<script>${NOTE_USED_NAMES}</script>${body}`)
    const { page, first, report } = await on.open(path, OFTEN)
    await first('loaded')
    await page.evaluate(`Stillrolling.note({ slide: [3] }), document.querySelector('#board').hidden = true`)
    await report('#board', { ok: false })
    await page.evaluate(`dispatchEvent(new ErrorEvent('error', { message: 'no', error: new Error('no') }))`)
    await first('heartbeat')
    const used = (await page.evaluate('used')) as string[]
    // Of the browser's own response. Nothing of the language, and no name.
    expect(used.sort()).toEqual(['probe.js: Headers.prototype.get', 'probe.js: Response.prototype.json'])
  })

  test('may be anything: the reports are right', async ({ expect }) => {
    // Playwright needs these names itself, so the page does what follows.
    const listen = `<script>
      Stillrolling.on('loaded', () => {
        Stillrolling.note({ list: [1, [2]], at: { n: 3 } })
        dispatchEvent(new ErrorEvent('error', { message: 'no lesson' }))
      })
    </script>`
    const path = add('owned', `${tag('')}${listen}${OWN_NAMES}<p id="board">x</p>`)
    const { page, first, reports } = await on.open(path, OFTEN)
    await expect.poll(() => reports().at(-1)?.firstError, SOON).toBe('no lesson')
    expect(reports().filter(({ note }) => note !== undefined)).toMatchObject([
      { note: { list: [1, [2]], at: { n: 3 } } },
    ])
    const [hello, loaded] = reports()
    expect([hello?.firstError, loaded?.type, loaded?.checks, loaded?.warnings]).toEqual([
      undefined,
      'loaded',
      [],
      [],
    ])
    await page.goto('about:blank')
    await first('bye')
  })

  test('may be anything: the checks are right', async ({ expect }) => {
    const expected = JSON.stringify([
      { element: '#board', stable: true, uncovered: true, inView: 0.5 },
      { text: 'Geometry, lesson 4', name: 'text' },
      { test: 'app.isReady' },
      { test: 'app.later' },
      { image: 'img' },
      { element: '#room', route: '/made/*' },
      { element: '#host >>> p', name: 'inside' },
    ])
    const body = `<p id="board">Geometry,<br>lesson 4</p><p id="room">x</p><p id="host"></p>
      <img alt="" src="data:image/svg+xml,<svg xmlns=%27http://www.w3.org/2000/svg%27/>">
      <script>
        window.app = { isReady: () => true, later: async () => true }
        document.querySelector('#host').attachShadow({ mode: 'open' }).innerHTML = '<p>x</p>'
      </script>`
    const attributes = `data-expect='${expected}' data-font="Nowhere"`
    const path = add('owned-checks', `${tag(attributes)}${body}${OWN_NAMES}`)
    const { reports } = await on.open(path, OFTEN)
    const verdicts = () =>
      Object.fromEntries(
        reports()
          .at(-1)
          ?.checks.map(({ name, ok, detail }) => [name, ok || detail]) ?? [],
      )
    await expect.poll(verdicts, SOON).toEqual({
      '#board': true,
      text: true,
      'test app.isReady': true,
      'test app.later': true,
      'image img': true,
      '#room': true,
      inside: true,
      'font Nowhere': 'is not declared',
    })
    expect(reports().map(({ errors }) => errors)).not.toContain(1)
  })
})

describe.concurrent('the token', () => {
  test.each([
    ['defer', `<script defer src="{{reporter}}/probe.js" data-expect="#board"></script>`],
    ['async', `<script async src="{{reporter}}/probe.js" data-expect="#board"></script>`],
  ])('is found by a tag with %s after the application has rewritten its address', async (how, html) => {
    const rewrite = `<script>history.replaceState(null, '', '/room/4#/lesson'), history.pushState(null, '', '/room/5?a=1')</script>`
    const path = add(`rewritten-${how}`, `${html}<p id="board">x</p>${rewrite}`)
    const { page, first } = await on.open(path)
    await first('loaded')
    if (!page.url().endsWith('/room/5?a=1')) throw new Error(`the address is ${page.url()}`)
  })
})

describe.concurrent('document.open()', () => {
  test('ends neither bye nor the counts', async ({ expect }) => {
    const path = add('reopened', `${tag()}<p id="board">x</p>`)
    const { page, first, reports } = await on.open(path, OFTEN)
    await first('loaded')
    await page.evaluate(`{
      document.open()
      document.write('<p id="board">y</p>')
      document.close()
    }`)
    const before = reports().length
    await expect.poll(() => reports().length, SOON).toBeGreaterThan(before + 4)
    await page.evaluate(`setTimeout(() => { throw new Error('after it') })`)
    await expect.poll(() => reports().at(-1)?.errors, SOON).toBe(1)
    expect(reports().at(-1)?.firstError).toContain('after it')
    await page.goto('about:blank')
    await first('bye')
  })
})

describe.concurrent('a tag', () => {
  test('without expectations has a warning once it has loaded', async ({ expect }) => {
    const path = add('nothing', `${tag('data-cfasync="false"')}<p>x</p>`)
    const { page, first, reports } = await on.open(path, OFTEN)
    expect((await first('hello')).warnings).toEqual([])
    await expect
      .poll(() => reports().at(-1)?.warnings, SOON)
      .toEqual([{ name: 'expect', detail: 'nothing is checked' }])
    expect(await page.evaluate('Stillrolling.state.warnings')).toHaveLength(1)
  })

  test('whose recording expects something has none', async ({ expect }) => {
    const reply = () => ({ interval: 0.5, expect: ['#board'] })
    const { first, reports } = await on.open(add('asked', `${tag('')}<p id="board">x</p>`), { reply })
    await first('heartbeat')
    expect(reports().flatMap(({ warnings }) => warnings)).toEqual([])
  })

  test('under a path reports to that path', async ({ expect }) => {
    const html = `<script src="/stillrolling/probe.js?v=2" data-expect="#board"></script><p id="board">x</p>`
    const asked: string[] = []
    const { first } = await on.open(add('below', html), {
      // A proxy on the page's origin, which passes everything below the path to the reporter.
      before: (page) =>
        page.route('**/stillrolling/**', async (route) => {
          const { pathname } = new URL(route.request().url())
          asked.push(pathname.replace(/[0-9a-f]{8}/, 'HASH'))
          const path = pathname.replace('/stillrolling', '')
          await route.continue({ url: on.collector.url + path })
        }),
    })
    await first('loaded')
    expect(new Set(asked)).toEqual(
      new Set(['/stillrolling/probe.js', '/stillrolling/v1/reports', '/stillrolling/probe-watch.HASH.js']),
    )
  })
})

/** A zone like Angular's: it counts the tasks and callbacks for which Angular would check the page, and the pending ones. */
const ANGULAR = `
  window.turns = []
  window.pending = {}
  const angular = Zone.current.fork({
    name: 'angular',
    properties: { isAngularZone: true },
    onInvokeTask(delegate, current, target, task, ...rest) {
      turns.push(task.source)
      return delegate.invokeTask(target, task, ...rest)
    },
    onInvoke(delegate, current, target, callback, applyThis, args, source) {
      turns.push(source ?? 'run')
      return delegate.invoke(target, callback, applyThis, args, source)
    },
    onHasTask(delegate, current, target, state) {
      delegate.hasTask(target, state)
      if (current === target) pending = { micro: state.microTask, macro: state.macroTask }
    },
  })`

describe.concurrent('zone.js', () => {
  test('does not see a probe that is started in the zone of Angular', async ({ expect }) => {
    const body = `<p id="board">x</p><script type="module">
        import '/zone.js'
        import { createProbe } from '/esm/probe.js'
        ${ANGULAR}
        angular.run(() => {
          window.probe = createProbe({ endpoint: '{{reporter}}', expect: ['#board', { test: async () => true }] })
          probe.on('heartbeat', () => { window.zoneOfListener = Zone.current.name })
        })
        turns.length = 0
        angular.run(() => setTimeout(() => {}))
      </script>`
    const built = (file: string) => new URL(file, import.meta.resolve('@stillrolling/probe/probe.iife.js'))
    const { page, first } = await on.open(add('zoned', body), {
      ...OFTEN,
      before: async (page) => {
        const files: [string, URL][] = [
          ['/zone.js', new URL(import.meta.resolve('zone.js'))],
          ['/esm/probe.js', built('probe.js')],
          ['/esm/watch.js', built('watch.js')],
        ]
        for (const [path, file] of files) {
          const body = await readFile(file)
          await page.route(`**${path}`, (route) => route.fulfill({ contentType: 'text/javascript', body }))
        }
      },
    })
    await first('heartbeat')
    // The page's own timer, which shows that the zone counts.
    expect(await page.evaluate('turns')).toEqual(['run', 'setTimeout'])
    expect(await page.evaluate('pending')).toEqual({ micro: false, macro: false })
    expect(await page.evaluate('zoneOfListener')).toBe('<root>')
  })
})
