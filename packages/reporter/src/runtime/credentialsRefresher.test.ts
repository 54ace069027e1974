import type { CloudRecording, UpdateRequest } from '@stillrolling/rest-core'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { config, createHarness, notification } from '../testing/harness.ts'
import { createCredentialsRefresher } from './credentialsRefresher.ts'
import { createStorageCredentials } from './storageCredentials.ts'

const SOURCE = { url: 'https://sts.test/', authorization: 'Bearer SECRET-authorization' }
const {
  accessKey: _,
  secretKey: __,
  ...STORAGE
} = config.storageProfiles.default as {
  accessKey: string
  secretKey: string
  vendor: 1
  region: number
  bucket: string
}
const PROFILES = { default: { ...STORAGE, credentials: SOURCE } }
const LIFETIME_MS = 12 * 3_600_000

/** A harness whose only storage profile has temporary credentials. Its n-th ones are numbered n. */
const setup = async () => {
  let count = 0
  let status = 200
  const credentialsFetch: typeof fetch = async () => {
    count += 1
    const secret = (name: string): string => `SECRET-${name}-${count}`
    const credentials = {
      accessKey: secret('access'),
      secretKey: secret('secret'),
      stsToken: secret('sts'),
      stsExpiration: Math.round((harness.now() + LIFETIME_MS) / 1000),
    }
    return new Response(JSON.stringify(credentials), { status })
  }
  const harness = await createHarness({ storageProfiles: PROFILES }, { credentialsFetch })
  return {
    harness,
    fail: (with_: number) => {
      status = with_
    },
  }
}

interface Sent {
  clientRequest: { storageConfig?: Record<string, unknown> }
}
const storageSent = ({ agora }: Awaited<ReturnType<typeof createHarness>>, call: string) =>
  agora.sent.flatMap((sent) => (sent.call === call ? [(sent.body as Sent).clientRequest.storageConfig] : []))

describe('a start with temporary credentials', () => {
  test('sends fresh ones, which are in no log, row or answer', async () => {
    const { harness } = await setup()
    await harness.rolling()
    expect(storageSent(harness, 'start')).toMatchObject([
      { bucket: 'recordings', stsToken: 'SECRET-sts-1', fileNamePrefix: ['class42', 'a1'] },
    ])
    const seen = JSON.stringify([harness.log(), await harness.dump(), await harness.recording()])
    for (const secret of ['SECRET-sts', 'SECRET-access-1', 'SECRET-secret-1', 'SECRET-authorization']) {
      expect(seen).not.toContain(secret)
    }
  })

  test('is postponed while there are none, with attention and a degraded /readyz', async () => {
    const { harness, fail } = await setup()
    fail(503)
    await harness.create({ policy: { restart: { delays: [0, 5], jitter: 0 } } })
    const message = expect.stringContaining('profile "default": the address answered HTTP 503')
    expect(await harness.recording()).toMatchObject({
      state: 'recovering',
      attention: [{ code: 'storage_unavailable', message }],
    })
    const readiness = await (await harness.request('/readyz')).json()
    expect(readiness).toMatchObject({ status: 'degraded', checks: { storage: { ok: false } } })
    expect(harness.agora.calls()).toEqual([])
    fail(200)
    await harness.pass(6)
    expect(await harness.recording()).toMatchObject({ state: 'loading', attention: [] })
    expect(await (await harness.request('/readyz')).json()).toMatchObject({ status: 'ok' })
  })
})

describe('a running attempt', () => {
  /** The waits of the refresher, each ended by the test. */
  const setupWaits = async () => {
    const { harness } = await setup()
    const waits: { seconds: number; end: () => void; signal: AbortSignal | undefined }[] = []
    const updates: UpdateRequest[] = []
    const lines: Record<string, unknown>[] = []
    const log =
      (level: string) =>
      (fields: unknown, msg?: string): void => {
        lines.push({ ...(fields as object), level, msg })
      }
    const agora: Partial<CloudRecording> = {
      now: harness.now,
      wait: (seconds, signal) =>
        new Promise((resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
          waits.push({ seconds, end: resolve, signal })
        }),
      update: async (request) => {
        updates.push(request)
        return harness.agora.client.update(request)
      },
    }
    const credentials = createStorageCredentials({
      profiles: PROFILES,
      clock: { now: harness.now, elapsed: () => harness.now() },
      acceptance: { accepted: () => {}, refused: () => {} },
      fetch: async () =>
        new Response(
          JSON.stringify({
            accessKey: 'SECRET-new-access',
            secretKey: 'SECRET-new-secret',
            stsToken: 'SECRET-new-sts',
            stsExpiration: Math.round((harness.now() + LIFETIME_MS) / 1000),
          }),
        ),
    })
    const refresher = createCredentialsRefresher({
      engine: harness.parts.engine,
      agora: agora as CloudRecording,
      credentials,
      profiles: PROFILES,
      clock: { now: harness.now, elapsed: harness.now },
      log: { debug: log('debug'), warn: log('warn') },
      random: () => 0.5,
    })
    onTestFinished(() => refresher.stop())
    const observe = async (): Promise<void> => {
      const stored = await harness.parts.engine.load('class42')
      if (stored) refresher.observe(stored.recording)
      await vi.waitFor(() => expect(waits.length).toBeGreaterThan(0))
    }
    const refreshes = () => waits.filter(({ seconds }) => seconds > 120)
    /** Ends the next refresh's wait, and those between its retries, until the one before the following refresh. */
    const refresh = async (): Promise<void> => {
      const before = updates.length
      waits.at(-1)?.end()
      await vi.waitFor(() => {
        for (const { seconds, end } of waits.slice(1)) if (seconds < 60) end()
        expect(updates.length).toBeGreaterThan(before)
        expect(waits.at(-1)?.seconds).toBeGreaterThanOrEqual(60)
      })
    }
    return { harness, waits, refreshes, updates, lines, observe, refresh, refresher }
  }

  test('gets new credentials after 50 minutes, for the files of its own prefix', async () => {
    const { harness, refreshes, updates, observe } = await setupWaits()
    await harness.rolling()
    await observe()
    await observe()
    expect(refreshes().map(({ seconds }) => seconds)).toEqual([50 * 60])
    refreshes()[0]?.end()
    await vi.waitFor(() => expect(refreshes()).toHaveLength(2))
    expect(updates).toMatchObject([
      {
        ...{ sid: 'sid1', resourceId: 'resource1', cname: 'class42', uid: '900001', mode: 'web' },
        clientRequest: {
          storageConfig: {
            ...STORAGE,
            fileNamePrefix: ['class42', 'a1'],
            accessKey: 'SECRET-new-access',
            stsToken: 'SECRET-new-sts',
          },
        },
      },
    ])
  })

  test.each(['mix', 'individual'])('in mode %s gets them as a page does', async (mode) => {
    const { harness, refreshes, updates, observe } = await setupWaits()
    const channel = { id: 'class42', kind: 'channel', mode, channel: 'lesson-7' }
    await harness.api('POST', '/v1/recordings', { ...channel, recordingConfig: { channelType: 1 } })
    await harness.drainEffects()
    await observe()
    refreshes()[0]?.end()
    await vi.waitFor(() => expect(refreshes()).toHaveLength(2))
    expect(updates).toMatchObject([
      {
        ...{ sid: 'sid1', cname: 'lesson-7', uid: '900001', mode },
        clientRequest: {
          storageConfig: { fileNamePrefix: ['class42', 'a1'], accessKey: 'SECRET-new-access' },
        },
      },
    ])
  })

  test('that an earlier process started gets them within 5 minutes', async () => {
    const { harness, waits, observe } = await setupWaits()
    await harness.rolling()
    harness.jump(3600)
    await observe()
    expect(waits.map(({ seconds }) => Math.round(seconds))).toEqual([150])
  })

  test('gets none after its end', async () => {
    const { harness, waits, observe, refresher } = await setupWaits()
    await harness.rolling()
    await observe()
    await harness.notify(notification({ eventType: 71, details: { code: 0 } }))
    const stored = await harness.parts.engine.load('class42')
    if (stored) refresher.observe(stored.recording)
    expect(waits.map(({ signal }) => signal?.aborted)).toEqual([true])
  })

  test('gets them again after Agora denied twice that it runs', async () => {
    const { harness, waits, refreshes, updates, observe, refresh } = await setupWaits()
    await harness.rolling()
    harness.jump(3600)
    harness.agora.always('update', { status: 404, json: { code: 404 } })
    await observe()
    await refresh()
    waits.at(-1)?.end()
    await vi.waitFor(async () => {
      for (const { seconds, end } of waits) if (seconds < 60) end()
      await observe()
      expect(refreshes().map(({ seconds }) => seconds)).toEqual([150, 150])
    })
    const denied = updates.length
    harness.agora.always('update', { status: 200, json: {} })
    waits.at(-1)?.end()
    await vi.waitFor(() => expect(refreshes().at(-1)?.seconds).toBe(50 * 60))
    expect(updates).toHaveLength(denied + 1)
  })

  test('whose refreshes fail is named in one warning, and again after one that succeeded', async () => {
    const { harness, lines, observe, refresh } = await setupWaits()
    await harness.rolling()
    const warnings = () => lines.filter(({ level }) => level === 'warn')
    harness.agora.always('update', { status: 400, json: { code: 2, reason: 'injected' } })
    await observe()
    await refresh()
    await refresh()
    expect(warnings()).toMatchObject([
      { recordingId: 'class42', attempt: 1, why: expect.stringContaining('injected') },
    ])
    harness.agora.always('update', { status: 200, json: {} })
    await refresh()
    expect(warnings()).toHaveLength(1)
    harness.agora.always('update', { status: 400, json: { code: 2, reason: 'injected' } })
    await refresh()
    expect(warnings()).toHaveLength(2)
    expect(JSON.stringify(lines)).not.toContain('SECRET')
  })
})
