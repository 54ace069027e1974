import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Destination } from '../../../destinations.ts'
import { createSqliteStore } from '../../../store/sqlite/sqliteStore.ts'
import { ATTENTION_CODES } from '../../../supervisor/recording.ts'
import { createHarness, type Harness } from '../../../testing/harness.ts'
import { DELIVERY_SECRET, openReceiver, type Receiver } from '../../../testing/receiver.ts'
import { alertsOf } from '../alert.ts'

/** What each service accepts, according to its documentation. It refuses everything else. */
const FORMATS = {
  slack: z.strictObject({ text: z.string().min(1).max(40_000) }),
  pagerduty: z.discriminatedUnion('event_action', [
    z.strictObject({
      routing_key: z.string().length(32),
      event_action: z.literal('trigger'),
      dedup_key: z.string().min(1).max(255),
      payload: z.strictObject({
        summary: z.string().min(1).max(1024),
        source: z.string().min(1),
        component: z.string(),
        severity: z.enum(['critical', 'error', 'warning', 'info']),
        timestamp: z.iso.datetime(),
        class: z.string(),
        custom_details: z.record(z.string(), z.unknown()),
      }),
    }),
    z.strictObject({
      routing_key: z.string().length(32),
      event_action: z.literal('resolve'),
      dedup_key: z.string().min(1).max(255),
    }),
  ]),
  apprise: z.strictObject({
    title: z.string().max(250),
    body: z.string().min(1),
    type: z.enum(['info', 'success', 'warning', 'failure']),
    format: z.literal('text'),
  }),
}

type AlertPreset = keyof typeof FORMATS

interface Stage {
  harness: Harness
  /** By preset: the bodies that were accepted. */
  bodies(preset: AlertPreset): Record<string, unknown>[]
}

const openStage = async (changes: Partial<Destination> = {}): Promise<Stage> => {
  const receivers = new Map<AlertPreset, Receiver>()
  const destinations: Destination[] = []
  for (const preset of Object.keys(FORMATS) as AlertPreset[]) {
    const receiver = await openReceiver()
    receiver.answerWith(({ body }) => ({ status: FORMATS[preset].safeParse(body).success ? 200 : 400 }))
    receivers.set(preset, receiver)
    const secrets = preset === 'pagerduty' ? ['K'.repeat(32)] : []
    destinations.push({ name: preset, url: receiver.url, secrets, types: ['*'], preset, ...changes })
  }
  const harness = await createHarness({ deliveries: { destinations, allowPrivate: true } })
  return {
    harness,
    bodies: (preset) => {
      const { received, accepted } = receivers.get(preset) ?? { received: [], accepted: [] }
      expect(accepted, `what ${preset} refuses`).toEqual(received)
      return accepted.map(({ body }) => body)
    },
  }
}

const ACCOUNT_REFUSED = { status: 401, json: { message: 'Invalid authentication credentials' } }

type AgoraAnswer = Parameters<Harness['agora']['always']>[1]

/** Agora refuses the account for two recordings, and accepts it again. */
const refuseAccount = async ({ harness }: Stage): Promise<void> => {
  harness.agora.always('acquire', ACCOUNT_REFUSED)
  for (const id of ['one', 'two']) await harness.create({ id })
  await harness.pass(30)
}

describe('destinations for people', () => {
  test('are sent nothing while a recording is well, restarts, or is unhealthy for a moment', async () => {
    const stage = await openStage()
    const { harness } = stage
    await harness.rolling()
    await harness.report({ checks: [{ name: '#board', ok: false }] })
    await harness.report({})
    await harness.api('POST', '/v1/recordings/class42/restart')
    await harness.api('POST', '/v1/recordings/class42/stop')
    await harness.drainEffects()
    for (const preset of ['slack', 'pagerduty', 'apprise'] as const) expect(stage.bodies(preset)).toEqual([])
  })

  test('are sent one message for a cause, however many recordings it stops, and one when it is over', async () => {
    const stage = await openStage()
    await refuseAccount(stage)
    expect(stage.bodies('slack')).toEqual([
      {
        text: expect.stringMatching(
          /^:red_circle: \*Agora refuses the account\*\n.*AGORA_APP_ID.*\nreporter\.test$/,
        ),
      },
    ])
    const { harness } = stage
    harness.agora.always('acquire', { status: 200, json: { resourceId: 'r' } })
    await harness.pass(120)
    expect(stage.bodies('slack').slice(1)).toEqual([
      { text: expect.stringMatching(/^:large_green_circle: \*Over: Agora refuses the account\*/) },
    ])
    const [trigger, resolve, ...others] = stage.bodies('pagerduty')
    expect(others).toEqual([])
    expect(trigger).toMatchObject({
      ...{ event_action: 'trigger', dedup_key: 'stillrolling/reporter.test/agora_refuses_account' },
      payload: {
        ...{ severity: 'warning', source: 'reporter.test', component: 'Stillrolling' },
        class: 'recording.attention_raised',
      },
    })
    expect(resolve).toMatchObject({ event_action: 'resolve', dedup_key: trigger?.dedup_key })
    expect(stage.bodies('apprise')).toMatchObject([
      {
        ...{ type: 'warning', title: 'Agora refuses the account' },
        body: expect.stringMatching(/AGORA_APP_ID.*\nreporter\.test$/),
      },
      { type: 'success', title: 'Over: Agora refuses the account' },
    ])
  })

  test('are not sent what needs no person', () => {
    const alertsFor = (code: string) =>
      alertsOf({
        type: 'recording.attention_raised',
        recording: { id: 'class42', kind: 'page', labels: {}, state: 'rolling', attempt: 1, sid: null },
        attention: { code, message: code, since: '' },
      }).map(({ cause }) => cause)
    expect(ATTENTION_CODES.flatMap(alertsFor).toSorted()).toEqual([
      ...['agora_refuses_account', 'agora_unreachable', 'change_refused/class42', 'ingress_outage'],
      ...['no_files/class42', 'storage_unavailable', 'token_unavailable', 'upload_failing/class42'],
    ])
    expect(alertsFor('of_a_later_version')).toEqual([])
  })

  test('are sent a message for each failed recording', async () => {
    const stage = await openStage()
    const { harness } = stage
    harness.agora.always('acquire', { status: 400, json: { code: 2, reason: 'invalid' } })
    await harness.create()
    await harness.drainEffects()
    expect(stage.bodies('pagerduty')).toMatchObject([
      {
        dedup_key: 'stillrolling/reporter.test/failed/class42',
        payload: {
          severity: 'critical',
          ...{ source: 'reporter.test', component: 'recording class42' },
          summary: expect.stringContaining('class42'),
        },
      },
    ])
  })

  test('are sent it again when a recording that was recorded again fails again', async () => {
    const stage = await openStage()
    const { harness } = stage
    const refuse = () =>
      harness.agora.always('acquire', { status: 400, json: { code: 2, reason: 'invalid' } })
    refuse()
    await harness.create()
    await harness.drainEffects()
    await harness.api('POST', '/v1/recordings/class42/restart')
    await harness.drainEffects()
    expect(stage.bodies('pagerduty').map(({ event_action }) => event_action)).toEqual([
      ...['trigger', 'resolve', 'trigger'],
    ])
  })

  test('are sent the end of what they were sent, although its type is not among theirs', async () => {
    const stage = await openStage({ types: ['recording.attention_raised'] })
    await refuseAccount(stage)
    stage.harness.agora.always('acquire', { status: 200, json: { resourceId: 'r' } })
    await stage.harness.pass(120)
    expect(stage.bodies('pagerduty').map(({ event_action }) => event_action)).toEqual(['trigger', 'resolve'])
  })

  test('are sent what holds once its type is among theirs', async () => {
    const stage = await openStage({ types: ['supervisor.*'] })
    await refuseAccount(stage)
    expect(await stage.harness.dump()).toMatchObject({ delivery_causes: [] })
  })

  test.each<[string, Partial<Destination>]>([
    ['was not configured', { name: 'elsewhere' }],
    ['had the preset `standard`', { preset: 'standard', secrets: [DELIVERY_SECRET] }],
  ])(
    'are sent a cause that ended while the destination %s when it begins again',
    async (_what, meanwhile) => {
      const receiver = await openReceiver()
      const actions = () => receiver.accepted.flatMap(({ body }) => body.event_action ?? [])
      const pagerDuty = { name: 'on-call', url: receiver.url, types: ['*'] }
      const onCall: Destination = { ...pagerDuty, preset: 'pagerduty', secrets: ['K'.repeat(32)] }
      const accepted = { status: 200, json: { resourceId: 'r' } }
      let world: { db?: Harness['db']; startsAt?: number } = {}
      /** Two minutes of a process. */
      const run = async (destination: Destination, answer: AgoraAnswer, create?: string): Promise<void> => {
        const deliveries = { destinations: [destination], allowPrivate: true }
        const harness = await createHarness({ deliveries }, world)
        harness.agora.always('acquire', answer)
        if (create !== undefined) await harness.create({ id: create })
        await harness.pass(120)
        await harness.parts.runner.stop()
        await harness.parts.deliveries.worker.stop()
        world = { db: harness.db, startsAt: harness.now() }
      }
      await run(onCall, ACCOUNT_REFUSED, 'one')
      await run({ ...onCall, ...meanwhile }, accepted)
      expect(actions()).toEqual(['trigger'])
      await run(onCall, ACCOUNT_REFUSED, 'two')
      expect(actions()).toEqual(['trigger', 'trigger'])
    },
  )

  test('are sent nothing that was written for the preset `standard`', async () => {
    const stage = await openStage()
    const { harness } = stage
    const body = JSON.stringify({ type: 'recording.failed', id: 'dlv_1', time: new Date(0).toISOString() })
    await createSqliteStore(harness.db).addDeliveries(
      'class42',
      [{ id: 'dlv_1', destination: 'slack', type: 'recording.failed', body }],
      harness.now(),
    )
    harness.parts.deliveries.worker.poke()
    await harness.drainEffects()
    expect(stage.bodies('slack')).toEqual([])
    const answer = await harness.api('GET', '/v1/deliveries/dlv_1')
    expect(await answer.json()).toMatchObject({
      ...{ state: 'failed', lastTry: { status: null, error: expect.stringContaining('another preset') } },
    })
  })

  test('are sent only their types', async () => {
    const stage = await openStage({ types: ['recording.failed'] })
    await refuseAccount(stage)
    for (const preset of ['slack', 'pagerduty', 'apprise'] as const) expect(stage.bodies(preset)).toEqual([])
  })

  test('are sent a test', async () => {
    const stage = await openStage()
    for (const destination of ['slack', 'pagerduty', 'apprise'] as const) {
      await stage.harness.api('POST', '/v1/deliveries/test', { destination })
      await stage.harness.drainEffects()
      expect(stage.bodies(destination)).toHaveLength(1)
    }
    expect(stage.bodies('slack')[0]?.text).toMatch(/Test of Stillrolling.*\n.*Nothing is wrong/)
    expect(stage.bodies('pagerduty')[0]).toMatchObject({
      event_action: 'trigger',
      payload: { severity: 'info' },
    })
  })

  test('PagerDuty keeps the incidents of several installations apart, also under one host', async () => {
    const receiver = await openReceiver()
    const onCall: Destination = {
      ...{ name: 'on-call', url: receiver.url, types: ['*'], preset: 'pagerduty', secrets: ['K'.repeat(32)] },
    }
    const addresses = ['https://one.example.com', 'https://one.example.com/b/', 'http://two.example.com:8080']
    for (const publicUrl of addresses) {
      const deliveries = { destinations: [onCall], allowPrivate: true }
      const harness = await createHarness({ deliveries, publicUrl })
      harness.agora.always('acquire', ACCOUNT_REFUSED)
      await harness.create()
      await harness.drainEffects()
    }
    expect(receiver.accepted.map(({ body }) => body.dedup_key)).toEqual([
      'stillrolling/one.example.com/agora_refuses_account',
      'stillrolling/one.example.com/b/agora_refuses_account',
      'stillrolling/two.example.com:8080/agora_refuses_account',
    ])
  })

  test('no text of a page mentions a channel of Slack', async () => {
    const { slackBody } = await import('./slack.ts')
    const message = {
      ...{ cause: 'a', installation: 'a.example.com', about: 'b', time: '', type: 't' },
      severity: 'info' as const,
    }
    const { text } = slackBody({
      ...message,
      action: 'raise',
      title: '<!channel>',
      text: '<@U1> & <http://x|y>',
    })
    expect(text).toBe(':red_circle: *&lt;!channel&gt;*\n&lt;@U1&gt; &amp; &lt;http://x|y&gt;\na.example.com')
    const long = slackBody({ ...message, action: 'raise', title: '&'.repeat(5000), text: '&'.repeat(5000) })
    expect(long.text).toMatch(/^:red_circle: \*(&amp;)+\*\n(&amp;)+\na.example.com$/)
    expect(long.text.length).toBeLessThan(40_000)
  })
})
