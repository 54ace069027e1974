import { describe, expect, test } from 'vitest'
import { type Environment, readConfig } from './config.ts'
import { configErrorOf, fileWith, GOOD, SIGNING } from './testing/goodEnvironment.ts'

describe('DELIVERIES', () => {
  const Hook = { name: 'backend', url: 'https://app.example.com/hook', secrets: [SIGNING] }
  const withDeliveries = (value: unknown, more: Environment = {}): Environment => ({
    ...GOOD,
    DELIVERIES: JSON.stringify(value),
    ...more,
  })

  test('names destinations, with defaults', () => {
    const { deliveries } = readConfig(
      withDeliveries([
        Hook,
        { name: 'ops', preset: 'pagerduty', secrets: ['k'.repeat(32)] },
        {
          name: 'chat',
          url: 'https://hooks.slack.com/services/T/B/x',
          preset: 'slack',
          types: ['recording.*'],
        },
        {
          ...Hook,
          name: 'rotating',
          secrets: [SIGNING, `whsec_${Buffer.alloc(64, 't').toString('base64')}`],
        },
      ]),
    )
    expect(deliveries.allowPrivate).toBe(false)
    expect(deliveries.destinations).toMatchObject([
      { ...Hook, types: ['*'], preset: 'standard' },
      { name: 'ops', url: 'https://events.pagerduty.com/v2/enqueue', preset: 'pagerduty' },
      { name: 'chat', types: ['recording.*'], secrets: [] },
      { name: 'rotating' },
    ])
  })

  test('may be in a file', () => {
    const file = fileWith(JSON.stringify([Hook]))
    expect(readConfig({ ...GOOD, DELIVERIES_FILE: file }).deliveries.destinations).toHaveLength(1)
  })

  test('may have private addresses and http only with DELIVERIES_ALLOW_PRIVATE', () => {
    for (const url of [
      'http://app.example.com/',
      'http://127.0.0.1:9000/',
      'https://10.0.0.1/',
      'https://[::1]/',
    ]) {
      const allowed = withDeliveries([{ ...Hook, url }], { DELIVERIES_ALLOW_PRIVATE: 'true' })
      expect(readConfig(allowed).deliveries).toMatchObject({ destinations: [{ url }], allowPrivate: true })
      const [wrong, ...others] = configErrorOf(withDeliveries([{ ...Hook, url }])).wrong
      expect(others).toEqual([])
      expect(wrong).toMatchObject({
        name: 'DELIVERIES',
        message: expect.stringMatching(/^0\.url must .*DELIVERIES_ALLOW_PRIVATE=true/),
      })
    }
  })

  test.each([
    [{}, 'must be a list'],
    [[{ ...Hook, name: 'Back end' }], '0.name must be 1 to 63 lower-case letters, digits and hyphens'],
    [[Hook, Hook], '1.name is the name of another one'],
    [[{ ...Hook, url: undefined }], '0.url is required'],
    [[{ ...Hook, url: 'ftp://SECRET' }], /^0.url must be an https URL/],
    [[{ ...Hook, url: 'https://user:SECRET@app.example.com/' }], /^0.url must be an https URL, without/],
    [[{ ...Hook, secrets: undefined }], /^0.secrets is required: it must be "whsec_"/],
    [[{ ...Hook, secrets: ['SECRET'] }], /^0.secrets.0 must be "whsec_" and 24 to 64 random bytes/],
    [[{ ...Hook, secrets: [SIGNING.slice(0, -4)] }], /^0.secrets.0 must be "whsec_"/],
    [[{ ...Hook, secrets: [SIGNING, SIGNING, SIGNING] }], '0.secrets must have at most 2 values'],
    [[{ ...Hook, preset: 'slack' }], '0.secrets must not be set: the URL is the secret'],
    [[{ ...Hook, preset: 'pagerduty' }], /^0.secrets.0 must be the integration key/],
    [[{ ...Hook, preset: 'teams' }], '0.preset must be one of standard, slack, pagerduty, apprise'],
    [[{ ...Hook, types: ['recording.exploded'] }], /^0.types.0 must be "\*", a type, or a pattern/],
    [[{ ...Hook, types: [] }], '0.types must have at least 1 item'],
    [[{ ...Hook, secret: SIGNING }], '0.secret is not a known field'],
    [Array(21).fill(Hook), /must have at most 20 items/],
  ])('says what is wrong: %j', (value, message) => {
    const error = configErrorOf(withDeliveries(value))
    const expected =
      typeof message === 'string' ? expect.stringContaining(message) : expect.stringMatching(message)
    expect(error.wrong).toContainEqual({ name: 'DELIVERIES', message: expected })
    expect(error.message).not.toMatch(/SECRET/)
    expect(error.message).not.toContain(SIGNING)
  })
})
