import { describe, test } from 'vitest'
import type { Reply } from './collector.ts'
import { type Recorded, SOON, stage } from './stage.ts'

const on = stage({ concurrent: true })

const html = (tag = '', before = '', body = '<p id="board">x</p>') => `<!doctype html><meta charset="utf-8">
<link rel="icon" href="data:,">${before}
<script src="{{reporter}}/probe.js" ${tag}></script><body>${body}</body>`

const received = ({ reports }: Recorded) => reports().map(({ type, seq }) => `${seq} ${type}`)

/** Answers the first report of a page with `reply`, and accepts all others. */
const firstAnsweredBy = (reply: Reply) => {
  let answered = false
  return (): Reply => {
    if (answered) return {}
    answered = true
    return reply
  }
}

describe.concurrent('a request', () => {
  test('needs no preflight, and contains neither cookies nor the URL of the page', async ({ expect }) => {
    on.pages.add('plain', html('data-expect="#board"'))
    const { page, first } = await on.open('made/plain', {
      // Cookies do not depend on the port, so the collector would receive it too.
      before: (page) => page.context().addCookies([{ name: 'session', value: 'secret', url: on.pages.url }]),
    })
    await first('loaded')
    expect(await page.evaluate('document.cookie')).toBe('session=secret')
    const sent = on.collector.requests.filter(({ path }) => path === '/v1/reports')
    expect(new Set(sent.map(({ method }) => method))).toEqual(new Set(['POST']))
    for (const { headers } of sent) {
      expect(headers['content-type']).toBe('text/plain;charset=UTF-8')
      expect(headers.cookie).toBeUndefined()
      // The token is in the page's URL; across origins the browser sends only the origin.
      expect(headers.referer).toBe(`${on.pages.url}/`)
    }
  })

  test('uses the browser functions as they were at the start, even if the page patches them', async ({
    expect,
  }) => {
    const patch = `<script>
      const fail = () => { throw new Error('patched') }
      window.fetch = fail
      XMLHttpRequest.prototype.send = fail
      window.setTimeout = fail
      window.clearTimeout = fail
      performance.now = () => 42
      Date.now = () => 42
      Math.random = fail
    </script>`
    on.pages.add('patched', html('data-expect="#board"', '', `<p id="board">x</p>${patch}`))
    const reply = () => ({ interval: 1 })
    const { first, reports } = await on.open('made/patched', { reply })
    const { seq } = await first('loaded')
    await expect.poll(() => reports().at(-1)?.seq, SOON).toBeGreaterThan(seq)
  })

  test('is sent although the page has used up the keepalive quota', async ({ expect }) => {
    const body = `<p id="board">x</p><script>
      for (let i = 0; i < 3; i++) fetch('/hang', { method: 'POST', body: 'x'.repeat(21_000), keepalive: true }).catch(() => {})
    </script>`
    on.pages.add('greedy', html('data-expect="#board"', body, ''))
    const { page, first } = await on.open('made/greedy', {
      before: (page) => page.route('**/hang', () => {}),
    })
    await first('loaded')
    const more = `fetch('/more', { method: 'POST', body: 'x'.repeat(8000), keepalive: true }).then(String, String)`
    expect(await page.evaluate(more)).toContain('TypeError')
  })

  test('is aborted after 10 s, and sent again', async ({ expect }) => {
    on.pages.add('hanging', html('data-expect="#board"'))
    const recorded = await on.open('made/hanging', {
      reply: firstAnsweredBy('hang'),
      before: (page) => page.clock.install(),
    })
    await recorded.first('hello')
    await recorded.page.clock.fastForward(8000)
    expect(received(recorded)).toEqual(['1 hello'])
    await recorded.page.clock.fastForward(2000)
    await recorded.first('loaded')
    // A heartbeat that has become due may be sent before.
    const types = recorded.reports().map(({ type }) => type)
    expect(types.filter((type) => type !== 'heartbeat')).toEqual(['hello', 'hello', 'loaded'])
  })
})

/** After these a report is sent again, no earlier than `minMs` later. */
const RETRIED: [what: string, reply: Reply, minMs: number][] = [
  ['500', { status: 500, problem: 'internal-error' }, 450],
  ['503', { status: 503, problem: 'unavailable' }, 450],
  ['503 with Retry-After: 2', { status: 503, problem: 'unavailable', retryAfter: 2 }, 1950],
  ['429 with Retry-After: 2', { status: 429, problem: 'too-many-requests', retryAfter: 2 }, 1950],
  ['502 of a proxy', { status: 502, body: '<h1>Bad gateway</h1>' }, 450],
  ['503 of a proxy with Retry-After: 2', { status: 503, body: '<h1>soon</h1>', retryAfter: 2 }, 1950],
  ['404 of a proxy', { status: 404, body: '<h1>Not found</h1>' }, 450],
  ['400 of a proxy', { status: 400, body: '' }, 450],
  ['401 of a proxy', { status: 401, body: '{"error":"unauthorized"}' }, 450],
  ['410 of a proxy', { status: 410, body: '{"type":"about:blank","title":"Gone","status":410}' }, 450],
  ['413 of a proxy', { status: 413, body: '{"message":"too large"}' }, 450],
  ['200 of a proxy', { status: 200, body: '<h1>Maintenance</h1>' }, 450],
]

/** After these nothing more is sent. */
const FINAL: [status: number, problem: string, phase: string, events: string[]][] = [
  [400, 'malformed-request', 'loaded', ['error', 'loaded']],
  [401, 'not-authorized', 'loaded', ['error', 'loaded']],
  [410, 'gone', 'superseded', ['superseded']],
]

const LISTEN = `<script>
  window.events = []
  for (const event of ['hello', 'loaded', 'superseded', 'error', 'heartbeat']) {
    Stillrolling.on(event, () => events.push(event))
  }
</script>`

describe.concurrent('an answer', () => {
  test('may cause a retry', async ({ expect }) => {
    on.pages.add('retried', html('data-expect="#board"'))
    const isRetried = async ([what, reply, minMs]: (typeof RETRIED)[number]) => {
      const recorded = await on.open('made/retried', { reply: firstAnsweredBy(reply) })
      await recorded.first('loaded')
      expect(received(recorded), what).toEqual(['1 hello', '1 hello', '2 loaded'])
      const [once, again] = recorded.reports()
      expect((again?.receivedAt ?? 0) - (once?.receivedAt ?? 0), what).toBeGreaterThanOrEqual(minMs)
    }
    await Promise.all(RETRIED.map(isRetried))
  })

  test('may end all sending, even bye', async ({ expect }) => {
    on.pages.add('ends', html('data-expect="#board"', '', `<p id="board">x</p>${LISTEN}`))
    const ends = async ([status, problem, phase, events]: (typeof FINAL)[number]) => {
      const recorded = await on.open('made/ends', {
        reply: () => ({ status, problem }),
        before: (page) => page.clock.install(),
      })
      const { page } = recorded
      await expect.poll(() => page.evaluate('window.Stillrolling?.state.phase'), SOON).toBe(phase)
      // A minute: several heartbeats and all retries would be due.
      for (let i = 0; i < 6; i++) await page.clock.fastForward(10_000)
      expect(await page.evaluate('window.events'), `${status}`).toEqual(events)
      expect(await page.evaluate('Stillrolling.state.sending'), `${status}`).toBe(false)
      await page.goto('about:blank')
      expect(received(recorded), `${status}`).toEqual(['1 hello'])
    }
    await Promise.all(FINAL.map(ends))
  })
})

describe.concurrent('without the reporter', () => {
  test('from the start, hello and loaded are delivered when the page is online', async ({ expect }) => {
    on.pages.add('offline', '<!doctype html><body><p id="board">x</p></body>')
    const recorded = await on.open('made/offline')
    const { page } = recorded
    const code = await (await fetch(`${on.collector.url}/probe.js`)).text()
    await page.context().setOffline(true)
    const phase = await page.evaluate(`(async () => {
      const script = document.createElement('script')
      script.dataset.endpoint = '${on.collector.url}'
      script.textContent = ${JSON.stringify(code)}
      document.head.append(script)
      script.remove()
      await new Promise((done) => Stillrolling.on('loaded', done))
      return Stillrolling.state.phase
    })()`)
    // The recorder waits for the page, so it loads without the reporter.
    expect(phase).toBe('loaded')
    expect(recorded.reports()).toEqual([])
    await page.context().setOffline(false)
    await recorded.first('loaded')
    expect(received(recorded)).toEqual(['1 hello', '2 loaded'])
  })

  test('and the second file, a check says why, and the page loads when the file is there', async ({
    expect,
  }) => {
    on.pages.add('second', html('data-expect="#board"'))
    const reply = () => ({ interval: 0.5 })
    let tries = 0
    const { report, first } = await on.open('made/second', {
      reply,
      before: (page) =>
        page.route('**/probe-watch.*.js', (route) => (++tries > 2 ? route.continue() : route.abort())),
    })
    const { checks, errors } = await report('probe-watch.js', { ok: false })
    expect(checks).toEqual([
      {
        name: 'probe-watch.js',
        ok: false,
        detail: expect.stringMatching(/^(is being loaded|cannot be loaded: )/),
      },
    ])
    expect(errors).toBe(0)
    expect((await first('loaded')).checks).toEqual([{ name: '#board', ok: true }])
    expect(tries).toBe(3)
  })
})

// Not concurrent: the reports of no page arrive meanwhile.
describe('after an outage of the reporter', () => {
  test('all heartbeats with a changed check are delivered in order, and the newest steady one', async ({
    expect,
  }) => {
    on.pages.add('outage', html('data-expect="#board"'))
    const reply = () => ({ interval: 1 })
    const recorded = await on.open('made/outage', { reply })
    await recorded.first('loaded')
    await on.collector.hangUp()
    const before = recorded.reports().length
    const hide = (hidden: boolean) =>
      recorded.page.evaluate(`new Promise((done) => {
        Stillrolling.on('check', done)
        document.querySelector('#board').hidden = ${hidden}
      })`)
    await hide(true)
    await hide(false)
    await hide(true)
    await recorded.page.evaluate('new Promise((done) => setTimeout(done, 2500))')
    await on.collector.listen()
    await expect.poll(() => recorded.reports().length, { timeout: 40_000 }).toBeGreaterThanOrEqual(before + 4)

    const [kept, ...after] = recorded.reports().slice(before - 1)
    expect(after.slice(0, 3).map(({ checks }) => checks[0]?.ok)).toEqual([false, true, false])
    // In order, and each says how many were dropped before it.
    let last = kept?.seq ?? 0
    for (const { seq, missed } of after) {
      expect(seq).toBe(last + missed + 1)
      last = seq
    }
  })
})
