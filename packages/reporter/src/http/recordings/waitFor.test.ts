import { once } from 'node:events'
import { type AddressInfo, connect } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { MAX_WAITS } from '../../runtime/stateWaits.ts'
import { expectProblem } from '../../testing/expectProblem.ts'
import { config, createHarness, REQUEST, SECRETS } from '../../testing/harness.ts'
import { createHttpServer } from '../httpServer.ts'
import type { RecordingView } from './recordingView.ts'

const PATH = `/v1/recordings/${REQUEST.id}`

const stateIn = async (response: Promise<Response>): Promise<string> => {
  const answer = await response
  expect(answer.status).toBe(200)
  return ((await answer.json()) as RecordingView).state
}

describe('GET /v1/recordings/:id?waitFor=', () => {
  test('is answered with the whole recording once its page has loaded', async () => {
    const harness = await createHarness()
    await harness.create()
    const waiting = harness.api('GET', `${PATH}?waitFor=rolling&timeout=120`)
    await harness.report({ type: 'hello' })
    await harness.report({ type: 'loaded' })
    const answer = await waiting
    expect(answer.status).toBe(200)
    expect(await answer.json()).toEqual(await harness.recording())
  })

  test('waits for any of several states, and ends with the recording', async () => {
    const harness = await createHarness()
    await harness.create()
    const either = harness.api('GET', `${PATH}?waitFor=rolling,stopping`)
    const never = harness.api('GET', `${PATH}?waitFor=rolling`)
    await harness.api('POST', `${PATH}/stop`)
    expect(await stateIn(either)).toBe('stopping')
    expect(await stateIn(never)).toBe('stopping')
  })

  test('is answered immediately if it need not wait', async () => {
    const harness = await createHarness()
    await harness.rolling()
    expect(await stateIn(harness.api('GET', `${PATH}?waitFor=rolling`))).toBe('rolling')
  })

  test('of an unknown recording is answered 404', async () => {
    const harness = await createHarness()
    await expectProblem(await harness.api('GET', `${PATH}?waitFor=rolling`), 404, 'recording_not_found')
  })

  test.each([
    ['timeout=5', 'timeout', 'needs waitFor'],
    ['waitFor=rolling&timeout=0', 'timeout', ''],
    ['waitFor=rolling&timeout=121', 'timeout', ''],
    ['waitFor=rolling&timeout=1.5', 'timeout', ''],
    ['waitFor=', 'waitFor.0', ''],
    ['waitFor=rolling,ended', 'waitFor.1', ''],
    ['waitfor=rolling', 'waitfor', ''],
  ])('refuses %s', async (query, path, message) => {
    const harness = await createHarness()
    await harness.create()
    const { errors } = await expectProblem(await harness.api('GET', `${PATH}?${query}`), 422)
    expect(errors).toEqual([{ path, message: expect.stringContaining(message) }])
  })

  test('ends when the client has gone', async () => {
    const harness = await createHarness()
    await harness.create()
    const { server } = createHttpServer(harness.parts.app.fetch, {
      hostname: '127.0.0.1',
      timeouts: config.http,
    })
    server.listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const load = vi.spyOn(harness.parts.engine, 'load')
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(
      `GET ${PATH}?waitFor=rolling HTTP/1.1\r\nhost: reporter\r\nauthorization: Bearer ${SECRETS.apiKey}\r\n\r\n`,
    )
    await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(1))
    socket.destroy()
    // The wait reads the recording for the last time.
    await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(2))
  })

  test('beyond the limit is answered 503, and the others wait on', async () => {
    const harness = await createHarness()
    await harness.create()
    const waiting = Array.from({ length: MAX_WAITS }, () => harness.api('GET', `${PATH}?waitFor=stopping`))
    const refused = await harness.api('GET', `${PATH}?waitFor=rolling`)
    expect(refused.headers.get('retry-after')).toBe('5')
    await expectProblem(refused, 503, 'too_many_waiting')
    expect((await harness.recording()).state).toBe('loading')
    await harness.api('POST', `${PATH}/stop`)
    const statuses = (await Promise.all(waiting)).map(({ status }) => status)
    expect(new Set(statuses)).toEqual(new Set([200]))
  })
})
