import { describe, test } from 'vitest'
import { openWindow } from './openWindow.ts'
import { SOON, stage, TOKEN } from './stage.ts'

const on = stage({ concurrent: true })

/** A loaded page is polled once a second. */
const TICK_MS = 1000
/** For code that runs between a change of the page and the poll that detects it. */
const SLACK_MS = 100

const add = (name: string, body = '', tag = 'data-expect="#board"'): string => {
  on.pages.add(
    name,
    `<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">
    <script src="{{reporter}}/probe.js" ${tag}></script><p id="board">x</p>${body}`,
  )
  return `made/${name}`
}

describe.concurrent('expectations of the recording', () => {
  test('change in a running page with the answer to its next report, and the page keeps its own', async ({
    expect,
  }) => {
    let expected = ['#board', '#missing']
    const reply = () => ({ interval: 1, expect: expected })
    const { first, reports } = await on.open(add('changing', '', 'data-expect="p"'), { reply })
    await expect
      .poll(
        () =>
          reports()
            .at(-1)
            ?.checks.map(({ name, ok }) => [name, ok]),
        SOON,
      )
      .toEqual([
        ['p', true],
        ['#board', true],
        ['#missing', false],
      ])
    expect(reports().map(({ type }) => type)).not.toContain('loaded')
    expected = []
    await first('loaded')
    await expect
      .poll(
        () =>
          reports()
            .at(-1)
            ?.checks.map(({ name }) => name),
        SOON,
      )
      .toEqual(['p'])
  })
})

describe.concurrent('heartbeats', () => {
  test('are sent at the interval that the reporter sets, and numbered', async ({ expect }) => {
    const reply = () => ({ interval: 2 })
    const { first, reports } = await on.open(add('steady'), { reply })
    await first('loaded')
    await expect.poll(() => reports().length, SOON).toBe(4)
    const [hello, ...rest] = reports()
    expect(hello).toMatchObject({ type: 'hello', seq: 1, missed: 0 })
    expect(rest.map(({ type, seq, missed }) => [type, seq, missed])).toEqual([
      ['loaded', 2, 0],
      ['heartbeat', 3, 0],
      ['heartbeat', 4, 0],
    ])
    for (const [i, { at, late }] of rest.entries()) {
      if (i === 0) continue
      const since = at - (rest[i - 1]?.at ?? 0)
      // In the poll that is nearest to the time.
      expect(since).toBeGreaterThanOrEqual(2000 - TICK_MS / 2)
      expect(since).toBeLessThanOrEqual(2000 + TICK_MS / 2 + late + SLACK_MS)
    }
  })

  test('are sent at the second poll of a check that fails, and at the first one that it passes again', async ({
    expect,
  }) => {
    const { page, first, report, reports } = await on.open(add('changed'))
    await first('loaded')
    const change = (script: string) => page.evaluate<number>(`{ ${script}; performance.now() }`)
    const gone = await change(`document.querySelector('#board').style.display = 'none'`)
    const unmet = await report('#board', { ok: false })
    expect(unmet).toMatchObject({ type: 'heartbeat', checks: [{ detail: 'is hidden by CSS' }] })
    expect(unmet.at).toBeGreaterThanOrEqual(Math.floor(gone))
    expect(unmet.at).toBeLessThanOrEqual(gone + 2 * TICK_MS + unmet.late + SLACK_MS)
    const back = await change(`document.querySelector('#board').style.display = ''`)
    await expect.poll(() => reports().at(-1)?.checks[0]?.ok, SOON).toBe(true)
    const met = reports().at(-1)
    expect(met?.at).toBeLessThanOrEqual(back + TICK_MS + (met?.late ?? 0) + SLACK_MS)
  })

  test('count the faults of the page, and contain how late its polls are', async ({ expect }) => {
    const reply = () => ({ interval: 1 })
    const wrong = `
      <script>setTimeout(() => { throw new Error('of the page') })</script>
      <script>Promise.reject(new Error('of the page'))</script>
      <script src="/assets/none.js"></script><img alt="" src="/assets/none.png"><link rel="stylesheet" href="/assets/none.css">`
    const { page, first, reports } = await on.open(add('wrong', wrong), { reply })
    const { frames } = await first('loaded')
    expect(frames).toBeGreaterThan(0)
    await expect.poll(() => reports().at(-1), SOON).toMatchObject({ errors: 2, failed: 3, visible: true })
    await page.evaluate('for (const end = performance.now() + 2000; performance.now() < end; );')
    // The poll that was due in the first half of the task runs after it.
    await expect.poll(() => Math.max(...reports().map(({ late }) => late)), SOON).toBeGreaterThanOrEqual(1000)
    await expect.poll(() => reports().at(-1)?.late, SOON).toBeLessThan(500)
  })

  test('contain the first script error of the page, as Chromium words it', async ({ expect }) => {
    const textOf = async (name: string, body: string) => {
      const { first } = await on.open(add(name, body))
      return (await first('loaded')).firstError
    }
    expect(await textOf('throws', '<script>startLesson()</script>')).toMatch(
      /^ReferenceError: startLesson is not defined\n {4}at http:\/\/[^ ]+\/made\/throws\?stillrolling=[^ ]+:\d+:\d+$/,
    )
    expect(await textOf('rejects', `<script>Promise.reject(new TypeError('no lesson'))</script>`)).toMatch(
      /^TypeError: no lesson\n {4}at /,
    )
    expect(await textOf('rejects-text', `<script>Promise.reject('no lesson')</script>`)).toBe('no lesson')
    expect(await textOf('throws-text', `<script>throw 'no lesson'</script>`)).toBe('Uncaught no lesson')
    expect(await textOf('well', '')).toBeUndefined()
  })

  test('contain no error text of a script of another origin, unless CORS allows it', async ({ expect }) => {
    on.pages.add('lesson.js', 'startLesson()', {
      'content-type': 'text/javascript',
      'access-control-allow-origin': '*',
    })
    const url = `${on.pages.url.replace('127.0.0.1', 'localhost')}/made/lesson.js`
    const withheld = await on.open(add('other-origin', `<script src="${url}"></script>`))
    expect((await withheld.first('loaded')).firstError).toBe('Script error.')
    const allowed = await on.open(add('other-origin-cors', `<script src="${url}" crossorigin></script>`))
    expect((await allowed.first('loaded')).firstError).toMatch(/^ReferenceError: .*\n.*lesson\.js:1:1$/)
  })

  test('contain a note of the page once, if it is within the limit', async ({ expect }) => {
    const reply = () => ({ interval: 1 })
    const { page, first, reports } = await on.open(add('noted'), { reply })
    await first('loaded')
    const faults = await page.evaluate(`(() => {
      const faults = []
      Stillrolling.on('error', ({ message }) => faults.push(message))
      Stillrolling.note({ slide: 2 })
      Stillrolling.note({ slide: 3, title: 'Größe' })
      Stillrolling.note('x'.repeat(1023))
      Stillrolling.note(undefined)
      const ring = {}
      ring.ring = ring
      Stillrolling.note(ring)
      return faults
    })()`)
    expect(faults).toEqual(Array(3).fill('a note must be JSON of at most 1 KiB'))
    const from = reports().length
    await expect.poll(() => reports().length, SOON).toBeGreaterThan(from + 2)
    const notes = reports().flatMap(({ note }) => (note === undefined ? [] : [note]))
    expect(notes).toEqual([{ slide: 3, title: 'Größe' }])
  })

  test('of a minimised window report that it is hidden and not painted', async ({ expect }) => {
    const token = `${TOKEN}-minimised`
    on.collector.replies.set(token, () => ({ interval: 1 }))
    const url = `${on.pages.url}/${add('minimised')}?stillrolling=${token}`
    const window = await openWindow(on.launched, url)
    await window.minimise()
    const heartbeats = () =>
      on.collector.reports.filter((report) => report.token === token && report.type === 'heartbeat')
    await expect.poll(() => heartbeats().length, SOON).toBeGreaterThan(1)
    expect(heartbeats().at(-1)).toMatchObject({ visible: false, frames: 0, checks: [{ ok: true }] })
    await window.close()
  })
})

describe.concurrent('a document that is unloaded', () => {
  test.for<[how: string, script: string]>([
    ['because the page navigates', `location.href = 'about:blank'`],
    ['because it is reloaded', 'location.reload()'],
  ])('%s sends bye', async ([, script], { expect }) => {
    const { page, first } = await on.open(add('left'))
    const { page: id, seq } = await first('loaded')
    await page.evaluate(script)
    expect(await first('bye')).toMatchObject({ page: id, sid: 'sid1', seq: seq + 1 })
  })

  test('because the page is closed sends bye', async () => {
    const { page, first } = await on.open(add('closed'))
    await first('loaded')
    await page.close({ runBeforeUnload: true })
    await first('bye')
  })

  test('starts over after a reload, with the kept token although the URL has none', async ({ expect }) => {
    const path = add('again')
    const { page, first, reports } = await on.open(path)
    const before = await first('loaded')
    // Some pages clean up their URL.
    await page.evaluate(`history.replaceState(null, '', location.pathname)`)
    await page.reload()
    const afterReload = () => reports().filter((report) => report.page !== before.page)
    await expect
      .poll(() => afterReload().map(({ type, seq }) => `${seq} ${type}`), SOON)
      .toEqual(['1 hello', '2 loaded'])
    // A link within the origin continues the recording.
    await page.evaluate(`location.href = '/${path}'`)
    await expect.poll(() => new Set(reports().map((report) => report.page)).size, SOON).toBe(3)
  })

  test('and returns, as from the back-forward cache, reports immediately with the same page id', async ({
    expect,
  }) => {
    const reply = () => ({ interval: 1 })
    const { page, first, reports } = await on.open(add('frozen'), { reply })
    const loaded = await first('loaded')
    // The headless browser has no such cache: the page gets the same event, and is blocked for a time.
    await page.evaluate(`dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }))`)
    const bye = await first('bye')
    await page.evaluate('for (const end = performance.now() + 2500; performance.now() < end; );')
    const back = () => reports().find(({ seq, late }) => seq > bye.seq && late > TICK_MS)
    await expect
      .poll(back, SOON)
      .toMatchObject({ type: 'heartbeat', page: loaded.page, checks: [{ ok: true }] })
  })

  test('does not give its token to frames of the same origin', async ({ expect }) => {
    const path = add('framed', '<iframe src="/made/inner"></iframe>')
    add('inner')
    const { page, first, reports } = await on.open(path)
    await first('loaded')
    await page.waitForLoadState('load')
    const [, frame] = page.frames()
    await expect.poll(() => frame?.evaluate('window.Stillrolling?.state.phase'), SOON).toBe('dormant')
    expect(new Set(reports().map((report) => report.page)).size).toBe(1)
  })
})
