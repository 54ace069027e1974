import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { sql } from 'kysely'
import { expect, test } from 'vitest'
import type { Send } from '../runtime/deliveries/send.ts'
import { type FuzzRequest, requestArbitrary } from '../testing/fuzz/mutations.ts'
import { REPORTED, type Template, templatesFor } from '../testing/fuzz/templates.ts'
import { createHarness, type Harness } from '../testing/harness.ts'
import { PROBLEM_CODES } from './problemCodes.ts'

/** `FUZZ_REQUESTS=1000000 FUZZ_SEED=7` sends more of them, and others. */
const REQUESTS = Number(process.env.FUZZ_REQUESTS ?? 100_000)
const SEED = Number(process.env.FUZZ_SEED ?? 1)
/** Of a request that waits for a state, in milliseconds. */
const PATIENCE_MS = 20

const KEYS_NOT_NEEDED =
  /^(GET (\/healthz|\/readyz|\/probe.*|\/openapi\.json|\/docs.*)|\w+ \/v1\/(reports|notifications))$/

/** Operations after which effects are carried out, or deliveries sent. */
const STARTS_WORK = /^(POST|PATCH) \/v1\/(recordings|deliveries|destinations|jobs)/

const open = async (): Promise<{ harness: Harness; templates: Template[] }> => {
  const destination = { url: 'https://backend.test/', types: ['*'], preset: 'standard' as const }
  const settings = {
    logLevel: 'error' as const,
    deliveries: {
      destinations: [{ ...destination, name: 'backend', secrets: [`whsec_${'a'.repeat(32)}`] }],
      allowPrivate: false,
    },
  }
  const accept: Send = Object.assign(
    async () => ({ kind: 'answer' as const, status: 204, headers: new Headers(), body: '' }),
    { close: () => {} },
  )
  const harness = await createHarness(settings, { send: accept })
  expect((await harness.api('POST', '/v1/destinations/backend/pause')).status).toBe(200)
  await harness.rolling({ id: REPORTED })
  return { harness, templates: templatesFor(await harness.token({ recordingId: REPORTED })) }
}

test('every operation is among the requests that are mutated', async () => {
  const { harness, templates } = await open()
  const document = (await (await harness.request('/openapi.json')).json()) as {
    paths: Record<string, Record<string, unknown>>
  }
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  )
  const known = new Set(templates.map(({ operation }) => operation))
  expect(operations.filter((each) => !known.has(each))).toEqual([])
})

test(
  `${REQUESTS.toLocaleString('en')} requests with mistakes: no 5xx, nothing changed by a refused one, and memory stays flat`,
  async () => {
    const { harness, templates } = await open()
    const writes = async (): Promise<number> => {
      const { rows } = await sql<{ n: number }>`select total_changes() as n`.execute(harness.db)
      return Number(rows[0]?.n)
    }
    const statuses = new Map<number, number>()
    const heap: number[] = []
    let sent = 0

    const check = async (request: FuzzRequest): Promise<void> => {
      const before = await writes()
      const { status, headers, text } = await send(harness, request)
      sent += 1
      statuses.set(status, (statuses.get(status) ?? 0) + 1)
      if (sent % Math.ceil(REQUESTS / 10) === 0) heap.push(heapUsed())
      expect(status, text).toBeLessThan(500)
      if (status >= 400) {
        expect(headers.get('content-type'), text).toBe('application/problem+json')
        const { code } = JSON.parse(text || '{}') as { code?: keyof typeof PROBLEM_CODES }
        if (request.method !== 'HEAD')
          expect(PROBLEM_CODES[code as keyof typeof PROBLEM_CODES], text).toBe(status)
        expect(await writes(), 'nothing is written for a refused request').toBe(before)
      }
      if (!request.isAuthorized && needsKey(request)) expect(status, text).toBeGreaterThanOrEqual(400)
      // What follows from an accepted request must not be taken for a write of the next one.
      if (status < 400 && STARTS_WORK.test(request.operation)) {
        await harness.parts.jobs.idle()
        await harness.drainEffects()
      }
    }
    await fc.assert(fc.asyncProperty(requestArbitrary(templates), check), {
      ...{ numRuns: REQUESTS, seed: SEED, maxSkipsPerRun: 0, endOnFailure: false },
    })

    expect(harness.log()).toEqual([])
    expect(await harness.recording(REPORTED)).toMatchObject({ desired: 'running', attemptCount: 1 })
    expect(Object.prototype).not.toHaveProperty('polluted')
    // Every kind of answer occurs, so that the mutations neither miss nor destroy everything.
    for (const status of [200, 201, 400, 401, 404, 405, 409, 413, 415, 422]) {
      expect(statuses.get(status) ?? 0, `${status} among ${JSON.stringify([...statuses])}`).toBeGreaterThan(
        REQUESTS / 2000,
      )
    }
    const [early = 0, late = 0] = [heap[2], heap.at(-1)]
    expect(late - early, JSON.stringify(heap)).toBeLessThan(20_000_000)
  },
  Math.max(60_000, REQUESTS * 10),
)

const needsKey = ({ method, path }: FuzzRequest): boolean => {
  const { pathname } = new URL(path, 'http://reporter.test')
  return pathname.startsWith('/v1/') && !KEYS_NOT_NEEDED.test(`${method} ${pathname}`)
}

const send = async (
  harness: Harness,
  { method, path, headers, body }: FuzzRequest,
): Promise<{ status: number; headers: Headers; text: string }> => {
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(), PATIENCE_MS)
  try {
    const response = await harness.request(path, { method, headers, body, signal: giveUp.signal })
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream')
    if (isStream) await response.body?.cancel()
    return { status: response.status, headers: response.headers, text: isStream ? '' : await response.text() }
  } finally {
    clearTimeout(timer)
  }
}

const collectGarbage = (() => {
  setFlagsFromString('--expose-gc')
  return runInNewContext('gc') as () => void
})()

const heapUsed = (): number => {
  collectGarbage()
  return process.memoryUsage().heapUsed
}
