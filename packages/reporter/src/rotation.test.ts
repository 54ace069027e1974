import { signNotification } from '@stillrolling/rest-core'
import { expect, test } from 'vitest'
import type { Config } from './config.ts'
import { memoryDatabase } from './testing/database.ts'
import { config, createHarness, type Harness, notification, REQUEST, SECRETS } from './testing/harness.ts'

// docs/security.md describes the steps.

const NEW = {
  page: 'SECRET-new-for-page-tokens',
  apiKey: 'SECRET-new-key-of-the-api',
  customer: 'SECRET-new-of-the-customer',
  notification: 'SECRET-new-of-notifications',
  secretKey: 'SECRET-new-storage-key',
} as const

const PROFILE = { vendor: 1, region: 0, bucket: 'recordings', accessKey: SECRETS.accessKey } as const
const withNewKeys: Partial<Config> = {
  agora: { ...config.agora, customerSecret: NEW.customer },
  storageProfiles: { default: { ...PROFILE, secretKey: NEW.secretKey } },
}

/** Both the old and the new secrets are accepted. */
const BOTH: Partial<Config> = {
  ...withNewKeys,
  secrets: [NEW.page, SECRETS.page],
  apiKeys: [NEW.apiKey, SECRETS.apiKey],
  notificationSecrets: [NEW.notification, SECRETS.notification],
}
const ONLY_NEW: Partial<Config> = {
  ...withNewKeys,
  secrets: [NEW.page],
  apiKeys: [NEW.apiKey],
  notificationSecrets: [NEW.notification],
}

const listWith = async (harness: Harness, key: string): Promise<number> =>
  (await harness.request('/v1/recordings', { headers: { authorization: `Bearer ${key}` } })).status

const notifyWith = async (harness: Harness, secret: string, noticeId: string): Promise<number> => {
  const body = JSON.stringify(notification({ eventType: 70, noticeId }))
  return (await harness.notify(body, { ...signNotification(body, secret) })).status
}

test('every secret is rotated in steps, and no recording notices', async () => {
  const db = await memoryDatabase()
  const before = await createHarness({}, { db })
  await before.rolling()
  const formerToken = await before.token()

  const both = await createHarness(BOTH, { db, startsAt: before.now() + 2000 })
  expect((await both.report({ token: formerToken })).status).toBe(200)
  expect([await listWith(both, SECRETS.apiKey), await listWith(both, NEW.apiKey)]).toEqual([200, 200])
  expect(await notifyWith(both, SECRETS.notification, 'n1')).toBe(200)
  expect(await notifyWith(both, NEW.notification, 'n2')).toBe(200)
  expect(await both.recording()).toMatchObject({ state: 'rolling', attemptCount: 1 })

  // The next attempt has the new ones.
  await both.api('POST', `/v1/recordings/${REQUEST.id}/restart`)
  await both.drainEffects()
  const start = both.agora.sent.find(({ call }) => call === 'start')
  expect(JSON.stringify(start?.body)).toContain(NEW.secretKey)
  const newToken = await both.token({ attempt: 2 })
  expect(JSON.stringify(start?.body)).toContain(newToken)

  const onlyNew = await createHarness(ONLY_NEW, { db, startsAt: both.now() + 2000 })
  for (const type of ['hello', 'loaded'] as const) {
    expect((await onlyNew.report({ token: newToken, type, page: 'page2', attempt: 2 })).status).toBe(200)
  }
  expect([await listWith(onlyNew, SECRETS.apiKey), await listWith(onlyNew, NEW.apiKey)]).toEqual([401, 200])
  expect(await notifyWith(onlyNew, SECRETS.notification, 'n3')).toBe(401)
  expect(await notifyWith(onlyNew, NEW.notification, 'n4')).toBe(200)
  expect(await onlyNew.recording()).toMatchObject({ state: 'rolling', attemptCount: 2 })
})

test('a token secret that is replaced in one step loses the reports of running pages, and they are recorded again', async () => {
  const db = await memoryDatabase()
  const before = await createHarness({}, { db })
  await before.rolling()
  const formerToken = await before.token()
  const after = await createHarness({ secrets: [NEW.page] }, { db, startsAt: before.now() + 2000 })
  expect((await after.report({ token: formerToken })).status).toBe(401)
  await after.pass(60)
  expect((await after.recording()).attemptCount).toBe(2)
  expect((await after.timeline()).map(({ code }) => code)).toContain('page.token_refused')
})
