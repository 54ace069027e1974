import { expect, test } from 'vitest'
import { createLog } from './log.ts'
import type { Call } from './testing/fakeAgora.ts'
import { config, createHarness, type Harness, notification, REQUEST, SECRETS } from './testing/harness.ts'
import { destinationAt, openReceiver } from './testing/receiver.ts'
import { signToken, TOKENS } from './token.ts'

/** The token of an attempt that is made now. */
const tokenOf = (harness: Harness, recordingId: string): string =>
  signToken({ recordingId, attempt: 1, nonce: harness.now().toString(36) }, SECRETS.page)

/** The credentials as Basic authentication writes them. */
const BASIC = Buffer.from(`${config.agora.customerId}:${SECRETS.customer}`).toString('base64')

/** Records the headers and body of every response. */
const recordResponses = (harness: Harness): string[] => {
  const responses: string[] = []
  const { request } = harness
  harness.request = async (...what) => {
    const response = await request(...what)
    responses.push(JSON.stringify([...response.headers]), await response.clone().text())
    return response
  }
  return responses
}

/** Refused requests, failures of Agora that quote the request, restarts, malformed reports, and a stop. */
const exerciseEverything = async (harness: Harness): Promise<void> => {
  const { agora } = harness
  const first = tokenOf(harness, REQUEST.id)
  const quote = (call: Call, status: number, code: number, token = first): void => {
    const body = [SECRETS.accessKey, SECRETS.storageKey, `${REQUEST.url}?stillrolling=${token}`]
    const request = [SECRETS.customer, BASIC, ...(call === 'acquire' || call === 'start' ? body : [])]
    agora.answer(call, { status, json: { code, reason: `refused: ${request.join(' ')}` } })
  }
  quote('acquire', 500, 500)
  quote('start', 500, 500)
  await harness.create()
  await harness.report({ type: 'hello' })
  await harness.report({ type: 'loaded', sid: 'foreign' })
  await harness.report({ type: 'loaded' })
  for (const damaged of [
    { page: '!' },
    { token: `${first}x` },
    { checks: [{ name: '', ok: 1 as unknown as boolean }] },
  ]) {
    await harness.report(damaged)
  }
  await harness.pass(8)
  quote('query', 500, 500)
  await harness.report({ checks: [{ name: '#board', ok: false, detail: 'hidden' }] })
  await harness.pass(25)
  await harness.notify(
    notification({ eventType: 71, details: { code: 6, message: 'gone' } }, { sid: 'sid3' }),
  )
  await harness.notify(notification({ eventType: 71 }), { 'agora-signature-v2': 'ab' })
  await harness.api('GET', '/v1/recordings')
  await harness.api('POST', '/v1/recordings', { ...REQUEST, id: 'b', storage: 'cellar' })
  await harness.request('/v1/recordings', { headers: { authorization: 'Bearer wrong' } })
  await harness.request('/openapi.json')
  await harness.crash()
  await harness.drainEffects()
  quote('stop', 500, 500)
  await harness.api('POST', '/v1/recordings/class42/stop')
  await harness.pass(20)
  await harness.recording()
  await harness.timeline()
  quote('start', 400, 2, tokenOf(harness, 'refused'))
  await harness.create({ id: 'refused' })
  await harness.timeline('refused')
}

/** Deliveries that fail, a test, and everything that shows them. */
const exerciseDeliveries = async (harness: Harness): Promise<void> => {
  await harness.api('POST', '/v1/deliveries/test', { destination: 'hook0' })
  await harness.drainEffects()
  await harness.api('GET', '/v1/destinations')
  const answer = await harness.api('GET', '/v1/deliveries?limit=500')
  const { items } = (await answer.json()) as { items: { id: string; lastTry: { error: string } | null }[] }
  const errors = items.flatMap(({ lastTry }) => lastTry?.error ?? [])
  expect(new Set(errors)).toEqual(
    new Set(['The destination answered 500', 'The connection was refused (ECONNREFUSED)']),
  )
  for (const { id } of items) await harness.api('GET', `/v1/deliveries/${id}`)
}

test('no secret appears in the log, the database, its backup or a response, whatever happens', async () => {
  const receiver = await openReceiver()
  receiver.answerWith({ status: 500 })
  const hooks = [receiver.url, 'http://127.0.0.1:1'].map((url, index) =>
    destinationAt(`${url}/${SECRETS.destination}`, {
      name: `hook${index}`,
      secrets: [`whsec_${SECRETS.deliveries}`],
    }),
  )
  const harness = await createHarness({
    logLevel: 'trace',
    deliveries: { destinations: hooks, allowPrivate: true },
  })
  const recorded = recordResponses(harness)
  const first = tokenOf(harness, REQUEST.id)
  await exerciseEverything(harness)
  await exerciseDeliveries(harness)

  const log = JSON.stringify(harness.log())
  const rows = JSON.stringify(await harness.dump())
  const answer = await harness.api('POST', '/v1/backup')
  const backup = Buffer.from(await answer.arrayBuffer()).toString('latin1')
  const responses = recorded.join('\n')
  // Everything happened, and each place holds text in which a secret could have appeared.
  expect(harness.agora.calls()).toEqual(expect.arrayContaining(['acquire', 'start', 'query', 'stop']))
  expect(JSON.stringify(harness.agora.sent)).toContain(SECRETS.storageKey)
  expect(receiver.received[0]?.path).toContain(SECRETS.destination)
  const tokens = JSON.stringify(harness.agora.sent).match(TOKENS) ?? []
  expect(tokens).toEqual(expect.arrayContaining([first, tokenOf(harness, 'refused')]))
  expect(log).toContain('code 500')
  expect(rows).toContain('page_unhealthy')
  for (const place of [rows, backup, responses]) expect(place).toContain('refused: ')
  expect(responses).toContain('"state":"stopped"')

  for (const place of [log, rows, backup, responses]) {
    for (const secret of [...Object.values(SECRETS), BASIC, ...tokens]) expect(place).not.toContain(secret)
  }
})

test('no token, key or certificate of a channel appears there either', async () => {
  const certificate = '5cfd2fd1755d40ecb72977518be15d3b'
  const signing = `whsec_${Buffer.alloc(24, 'SECRET').toString('base64')}`
  const salt = Buffer.alloc(32, 'SALT').toString('base64')
  const answers = [
    new Response('SECRET-not-json'),
    new Response(JSON.stringify({ token: 'SECRET token', secret: 7 })),
    new Response(JSON.stringify({ token: 'SECRET-token-of-rtc', secret: 'SECRET-key', salt })),
  ]
  const harness = await createHarness(
    {
      ...{ logLevel: 'trace', appCertificate: certificate, tokenUrlSecrets: [signing] },
      agora: { ...config.agora, appId: '970ca35de60c44645bbae8a215061b33' },
    },
    { credentialsFetch: async () => answers.shift() ?? new Response('', { status: 500 }) },
  )
  const recorded = recordResponses(harness)
  const channel = { kind: 'channel', mode: 'mix', channel: 'lesson-7' }
  const tokenUrl = 'https://app.test/token'
  const quote = ['SECRET-token-of-rtc', 'SECRET-key', salt].join(' ')
  harness.agora.answer('acquire', { status: 500, json: { code: 500, reason: `refused: ${quote}` } })
  await harness.api('POST', '/v1/recordings', {
    ...{ ...channel, id: 'given', tokenUrl, recordingConfig: { channelType: 1, decryptionMode: 8 } },
  })
  await harness.pass(60)
  const own = { ...channel, id: 'own', recordingConfig: { channelType: 1 } }
  await harness.api('POST', '/v1/recordings', own)
  await harness.drainEffects()
  await harness.api('POST', '/v1/recordings', {
    ...own,
    recordingConfig: { channelType: 1, secret: 'SECRET-sent' },
  })
  await harness.timeline('given')
  await harness.request('/readyz')

  const sent = JSON.stringify(harness.agora.sent)
  const [ownToken = ''] = sent.match(/007[\w+/=]{50,}/) ?? []
  const secrets = [certificate, signing, salt, ownToken, 'SECRET']
  for (const secret of [salt, ownToken, 'SECRET-token-of-rtc', 'SECRET-key']) expect(sent).toContain(secret)
  expect(ownToken).not.toBe('')
  const rows = JSON.stringify(await harness.dump())
  expect(rows).toContain('the answer is not JSON')
  expect(recorded.join()).toContain('recordingConfig.secret')
  for (const place of [JSON.stringify(harness.log()), rows, recorded.join('\n')]) {
    for (const secret of secrets) expect(place).not.toContain(secret)
  }
})

test('no secret of a whole configuration or start request is logged', () => {
  const secret = 'SECRET, "quoted"'
  const secrets = [secret, 'SECRET-next']
  const configuration = {
    ...config,
    ...{ apiKeys: secrets, notificationSecrets: secrets, tokenUrlSecrets: secrets, appCertificate: secret },
    deliveries: {
      ...config.deliveries,
      destinations: [
        { name: 'app', url: `https://app.test/?key=${secret}`, secrets, types: ['*'], preset: 'standard' },
        { name: 'chat', url: `https://chat.test/${secret}`, secrets: [], types: ['*'], preset: 'slack' },
      ],
    },
    postgres: { url: `postgres://app:${encodeURIComponent(secret)}@db.test/rolling`, password: secret },
    proxy: { https: `http://user:${secret}@proxy.test`, except: '' },
    storageProfiles: {
      ...config.storageProfiles,
      sts: { vendor: 1, credentials: { url: `https://sts.test/?key=${secret}`, authorization: secret } },
    },
  }
  const start = { token: secret, recordingConfig: { channelType: 1, secret, salt: secret } }
  const lines: string[] = []
  createLog('info', { write: (line) => lines.push(line) }).info({ configuration, start }, 'everything')
  const log = lines.join('')
  expect(JSON.parse(log)).toMatchObject({
    configuration: {
      ...{
        appCertificate: '[Redacted]',
        proxy: '[Redacted]',
        postgres: '[Redacted]',
        agora: { customerId: config.agora.customerId },
      },
      ...{ deliveries: { destinations: '[Redacted]', allowPrivate: true }, retentionDays: 90 },
      storageProfiles: { sts: { vendor: 1, credentials: '[Redacted]' } },
    },
    start: { recordingConfig: { channelType: 1, secret: '[Redacted]', salt: '[Redacted]' } },
  })
  for (const each of ['SECRET', ...Object.values(SECRETS)]) expect(log).not.toContain(each)
})
