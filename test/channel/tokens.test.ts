import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { openStage, type Stage } from './stage.ts'
import { record, type Story } from './story.ts'

const CERTIFICATE = 'fedcba9876543210fedcba9876543210'
const OTHER_CERTIFICATE = '00000000000000000000000000000001'

/** What a token of Agora's begins with. */
const TOKEN = /007[\w+/]{20}/

/** Everything that the API says about a recording. */
const saidAbout = async (story: Story): Promise<string> =>
  JSON.stringify([await story.view(), await story.timeline()])

const tokensOf = (story: Story): unknown[] =>
  story.calls('start').map(({ body }) => (body.clientRequest as { token?: string }).token)

test('with AGORA_APP_CERTIFICATE each attempt has a token for its own uid, which Agora accepts', async () => {
  const stage = await openStage({
    emulator: { users: 1, appCertificate: CERTIFICATE },
    environment: { AGORA_APP_CERTIFICATE: CERTIFICATE },
  })
  const lesson = await record(stage)
  await stage.pass(10)
  await stage.api.restart('lesson')
  await stage.pass(10)
  expect(lesson.calls('start').map(({ status }) => status)).toEqual([200, 200])
  expect(await lesson.view()).toMatchObject({ state: 'rolling', attemptCount: 2, attention: [] })
  expect(await saidAbout(lesson)).not.toMatch(TOKEN)
})

test.each<[string, Record<string, string>]>([
  ['no certificate', {}],
  ['another certificate', { AGORA_APP_CERTIFICATE: OTHER_CERTIFICATE }],
])(
  'with %s the start is refused and sent again, and the recording is not given up',
  async (_what, environment) => {
    const stage = await openStage({ emulator: { users: 1, appCertificate: CERTIFICATE }, environment })
    const lesson = await record(stage)
    await stage.pass(300)
    const view = await lesson.view()
    expect(view).toMatchObject({ desired: 'running', state: 'recovering', attemptCount: 1 })
    expect(view.attention.map(({ code }) => code)).toEqual(['token_unavailable'])
    expect(view.attention[0]?.message).toContain('AGORA_APP_CERTIFICATE')
    expect(lesson.calls('start').length).toBeGreaterThan(3)
    expect(lesson.calls('start').length).toBeLessThan(15)
    expect(lesson.uids()).toEqual([])
    expect(await saidAbout(lesson)).not.toMatch(TOKEN)
  },
)

const TOKEN_SECRET = Buffer.alloc(24, 7)

/** A business server that gives out tokens, after it has refused to for some times. */
const startTokenServer = async (refusals: number) => {
  const asked: { headers: IncomingHttpHeaders; body: string }[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    asked.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
    response.statusCode = asked.length > refusals ? 200 : 503
    response.end(JSON.stringify({ token: `007of-the-business-server-${asked.length}`, expiresIn: 3600 }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token` }
}

const openWithTokenUrl = async (refusals: number) => {
  const tokens = await startTokenServer(refusals)
  const stage: Stage = await openStage({
    emulator: { users: 1 },
    environment: {
      TOKEN_URL_SECRET: `whsec_${TOKEN_SECRET.toString('base64')}`,
      TOKEN_URL_ALLOW_PRIVATE: 'true',
    },
  })
  return { stage, tokens, lesson: await record(stage, { tokenUrl: tokens.url }) }
}

test('a tokenUrl is asked for each attempt, with a signature, and its token is not shown', async () => {
  const { stage, tokens, lesson } = await openWithTokenUrl(0)
  await stage.pass(10)
  await stage.api.restart('lesson')
  await stage.pass(10)
  expect(tokens.asked.map(({ body }) => JSON.parse(body))).toEqual([
    { recordingId: 'lesson', attempt: 1, channel: 'room-7', uid: '900001' },
    { recordingId: 'lesson', attempt: 2, channel: 'room-7', uid: '900002' },
  ])
  for (const { headers, body } of tokens.asked) {
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    const signature = createHmac('sha256', TOKEN_SECRET).update(signed).digest('base64')
    expect(headers['webhook-signature']).toBe(`v1,${signature}`)
  }
  // As the emulator shows those that it was given.
  expect(tokensOf(lesson)).toEqual(['***', '***'])
  expect(await saidAbout(lesson)).not.toContain('of-the-business-server')
})

test('while the tokenUrl gives out no token, the start is postponed, with attention', async () => {
  const { stage, lesson } = await openWithTokenUrl(3)
  await stage.pass(2)
  expect((await lesson.view()).attention.map(({ code }) => code)).toEqual(['token_unavailable'])
  expect(lesson.calls('acquire')).toEqual([])
  await stage.pass(60)
  expect(await lesson.view()).toMatchObject({ state: 'rolling', attemptCount: 1, attention: [] })
})

test('an attempt is replaced before its token expires, and nothing is missed', async () => {
  const { stage, lesson } = await openWithTokenUrl(0)
  await stage.pass(3600 - 130, 4)
  expect(lesson.uids()).toEqual(['900001'])
  await stage.pass(60)
  expect(lesson.running()).toEqual(['900002'])
  expect(await lesson.codes()).not.toContain('attempt.failed')
  expect((await lesson.view()).gaps).toEqual([])
})
