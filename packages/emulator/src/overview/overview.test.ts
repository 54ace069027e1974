import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createChannelBench } from '../testing/channelClient.ts'
import { authorization, CREDENTIALS, createTestBench, type TestBench } from '../testing/client.ts'
import type { Overview } from './overview.ts'
import { CONTROL_ROUTES, type RouteDescription, restRoutes } from './routes.ts'

let bench: TestBench
beforeEach(async () => {
  bench = await createTestBench()
})
afterEach(() => bench.emulator.close())

const get = async (path: string, headers: Record<string, string> = {}) => {
  const response = await fetch(bench.emulator.url + path, { headers })
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() }
}
const page = async (): Promise<string> => (await get('/', { accept: 'text/html' })).text
const overview = async (): Promise<Overview> =>
  JSON.parse((await get('/', { accept: 'application/json' })).text) as Overview

describe('the overview', () => {
  test.each(['/', '/_control', '/_control/'])('is at %s, as a page or as JSON', async (path) => {
    for (const accept of ['text/html,application/xhtml+xml,*/*;q=0.8', '*/*']) {
      const { status, type, text } = await get(path, { accept })
      expect([status, type]).toEqual([200, 'text/html; charset=UTF-8'])
      expect(text).toContain('<h1>Agora Cloud Recording, emulated</h1>')
    }
    const { type, text } = await get(path, { accept: 'application/json' })
    expect(type).toBe('application/json')
    expect(JSON.parse(text)).toMatchObject({ appId: CREDENTIALS.appId, tasks: [], faults: [], calls: [] })
  })

  test('is not a call to Agora, and is refused to other web pages', async () => {
    await page()
    expect(bench.emulator.requests()).toEqual([])
    for (const path of ['/', '/_control']) {
      expect((await get(path, { origin: 'https://evil.example' })).status).toBe(403)
      expect((await get(path, { origin: bench.emulator.url })).status).toBe(200)
    }
  })

  test('shows tasks with their states: those that run first, the latest first', async () => {
    const first = await bench.run()
    const second = await bench.run({ uid: '2' })
    await bench.run({ uid: '3' })
    await bench.on(second, 'stop', { async_stop: true })
    await bench.emulator.runCommand(first.sid, { do: 'stop', code: 6 })
    const during = await overview()
    expect(during.tasks.map(({ uid, state }) => [uid, state])).toEqual([
      ['3', 'recording'],
      ['2', 'exiting'],
      ['900001', 'exiting'],
    ])
    await bench.clock.advance(1)
    await bench.run({ uid: '4' })
    expect((await overview()).running).toBe(2)
    expect((await overview()).tasks.map(({ uid }) => uid)).toEqual(['4', '3', '2', '900001'])
    const text = await page()
    expect(text).toContain('<h2>Tasks: 2 running</h2>')
    expect(text).toContain('ended, code 6 recorder_error')
  })

  test('shows what was wrong with a call, and the active faults', async () => {
    await bench.acquire({ scene: 7 })
    bench.emulator.injectFault({ on: 'call', call: 'stop', then: { drop: true } })
    const text = await page()
    expect(text).toContain('clientRequest.scene ')
    expect(text).toContain('&quot;drop&quot;:true')
  })

  test('shows no secret: neither the customer secret nor storage keys nor the query of a URL', async () => {
    await bench.run()
    for (const text of [await page(), JSON.stringify(await overview())]) {
      expect(text).not.toMatch(/customer-s3cret|the (access|secret) key|token=private/)
      expect(text).toContain('http://127.0.0.1:9/page')
    }
  })

  test('shows no user info of a URL', async () => {
    await bench.run({ web: { url: 'https://user:pa55@lesson.example/page' } })
    for (const text of [await page(), JSON.stringify(await overview())]) {
      expect(text).toContain('https://***@lesson.example/page')
      expect(text).not.toContain('pa55')
    }
  })

  test('shows the tasks of channels, and who is in the channels', async () => {
    const channels = await createChannelBench({ users: 2 })
    const { uid } = await channels.run()
    channels.emulator.runChannelCommand('empty <b>', { do: 'users', count: 0 })
    const shown = (headers: Record<string, string>) => fetch(channels.emulator.url, { headers })
    const json = (await (await shown({ accept: 'application/json' })).json()) as Overview
    const text = await (await shown({})).text()
    await channels.emulator.close()
    expect(json.tasks).toMatchObject([
      {
        uid,
        mode: 'mix',
        state: 'recording',
        page: null,
        records: 'channel (mix), 2 users: 1, 2',
        stop: null,
      },
    ])
    expect(json.channels).toMatchObject([
      { cname: 'room', users: ['1', '2'], tasks: [expect.any(String)] },
      { cname: 'empty <b>', users: [], tasks: [] },
    ])
    expect(text).toContain('channel (mix), 2 users: 1, 2')
    expect(text).toContain('<h2>Channels</h2>')
    expect(text).toContain('empty &lt;b&gt;')
  })

  test('escapes what clients send', async () => {
    const cname = '<script>alert(1)</script>"&'
    await bench.run({ cname, web: { url: "https://example.com/<img src=x onerror='x'>" } })
    const text = await page()
    expect(text).not.toMatch(/<script|<img/)
    expect(text).toContain('&lt;script&gt;alert(1)&lt;/script&gt;&quot;&amp;')
  })

  test('has a language, one main heading, and headers of columns', async () => {
    await bench.run()
    const text = await page()
    expect(text).toContain('<html lang="en">')
    expect(text.match(/<h1>/g)).toHaveLength(1)
    expect(text.match(/<th(?!ead| scope="col")/g)).toBeNull()
    expect(text.match(/<table>/g)).toHaveLength(4)
    expect(text.match(/role="region" aria-label="[^"]+" tabindex="0"/g)).toHaveLength(4)
  })
})

const send = async ({ method, path, example }: RouteDescription): Promise<number> => {
  const headers = { authorization: authorization(), 'content-type': 'application/json' }
  const body = example === undefined ? undefined : JSON.stringify(example)
  return (await fetch(bench.emulator.url + path, { method, headers, body })).status
}

const fill = (route: RouteDescription, values: Record<string, unknown>): RouteDescription => ({
  ...route,
  path: route.path.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name])),
})

test('every example is accepted, in the order in which the overview shows them', async () => {
  const values: Record<string, unknown> = { id: 'fault1', cname: 'class42' }
  const statuses: [string, number][] = []
  for (const route of [...restRoutes(CREDENTIALS.appId), ...CONTROL_ROUTES]) {
    // The control API's examples need a task that has not been stopped by those of the REST API.
    if (route.path.includes('tasks/{sid}')) values.sid = (await bench.run({ uid: '2' })).sid
    if (route.path.includes('{id}'))
      bench.emulator.injectFault({ on: 'call', call: 'stop', then: { drop: true } })
    values.id = bench.emulator.faults().at(-1)?.id
    const answer = send(fill(route, values))
    const call = route.path.split('/').at(-1)
    if (call === 'update' || call === 'updateLayout') {
      // A change takes a moment of the emulator's time.
      await expect.poll(() => bench.emulator.requests().at(-1)?.call).toBe(call)
      await bench.clock.advance(1)
    }
    statuses.push([`${route.method} ${route.path.split('/').at(-1)}`, await answer])
    const last: unknown = bench.emulator.requests().at(-1)?.answer
    if (typeof last === 'object') Object.assign(values, last)
    // The upload of a task that was stopped ends: the next one may have its uid.
    await bench.clock.advance(1)
  }
  expect(statuses).toEqual([
    ['POST acquire', 200],
    ['POST start', 200],
    ['GET query', 200],
    ['POST update', 200],
    ['POST stop', 200],
    ['POST acquire', 200],
    ['POST start', 200],
    ['POST updateLayout', 200],
    ['GET ip', 200],
    ['GET tasks', 200],
    ['GET channels', 200],
    ['POST commands', 204],
    ['GET requests', 200],
    ['POST faults', 201],
    ['GET faults', 200],
    ['DELETE faults', 204],
    ['GET {id}', 200],
    ['DELETE {id}', 204],
    ['POST commands', 204],
  ])
})
