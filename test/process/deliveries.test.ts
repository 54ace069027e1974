import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { openTestbed, type Testbed } from '@stillrolling/examples/testbed'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { record, waitForSingleTask, waitUntilRolling } from './recordings.ts'

interface Got {
  id: string
  type: string
  recording: string
  sequence: number
}

/** A business server that notes what it gets, and can do something at each step of a request. */
interface BusinessServer {
  url: string
  got: Got[]
  /** Called once: when a request has connected, has been read, or has been answered. */
  once(step: Step, recording: string, job: () => void): void
  close(): Promise<void>
}

type Step = 'connected' | 'read' | 'answered'

const openBusinessServer = async (): Promise<BusinessServer> => {
  const got: Got[] = []
  let plan: { step: Step; recording: string; job: () => void } | undefined
  const reach = (step: Step, recording?: string): void => {
    if (plan?.step !== step || (recording !== undefined && plan.recording !== recording)) return
    const { job } = plan
    plan = undefined
    job()
  }
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    let text = ''
    for await (const chunk of request.setEncoding('utf8')) text += chunk
    const { id, type, recording, sequence } = JSON.parse(text)
    got.push({ id, type, recording: recording?.id ?? '', sequence })
    reach('read', recording?.id)
    response.writeHead(204).end(() => reach('answered', recording?.id))
  }
  const server = createServer((request, response) => void handle(request, response).catch(() => {}))
  server.on('connection', () => reach('connected'))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    got,
    once: (step, recording, job) => {
      plan = { step, recording, job }
      // The next request opens a connection of its own.
      if (step === 'connected') server.closeIdleConnections()
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

let business: BusinessServer
let testbed: Testbed

beforeAll(async () => {
  business = await openBusinessServer()
  const secrets = [`whsec_${Buffer.alloc(32, 's').toString('base64')}`]
  testbed = await openTestbed({
    probe: 'own',
    emulator: { openDelay: 0 },
    environment: {
      DELIVERIES: JSON.stringify([{ name: 'backend', url: business.url, secrets }]),
      DELIVERIES_ALLOW_PRIVATE: 'true',
    },
  })
})

afterAll(async () => {
  await testbed?.close()
  await business?.close()
})

/** Sequences in the order of their first arrival. */
const firstArrivals = (id: string): number[] => [
  ...new Set(business.got.filter(({ recording }) => recording === id).map(({ sequence }) => sequence)),
]

const isDelivered = async (id: string): Promise<boolean> => {
  const answer = await fetch(`${testbed.reporterUrl}/v1/deliveries?recording=${id}`, {
    headers: { authorization: `Bearer ${testbed.apiKey}` },
  })
  const { items } = (await answer.json()) as { items: { state: string }[] }
  return items.every(({ state }) => state === 'delivered')
}

test.each<[string, Step, string]>([
  ['a delivery was committed, before it is sent', 'connected', 'committed'],
  ['it was received, before it is answered', 'read', 'received'],
  ['it was answered, before the answer is stored', 'answered', 'answered'],
])('killed when %s, the reporter loses none, and sends them in order', async (_when, step, id) => {
  const killed = new Promise<void>((resolve) => {
    business.once(step, id, () => resolve(testbed.reporter().kill()))
  })
  await Promise.all([record(testbed, id).catch(() => {}), killed])
  await testbed.restartReporter()
  await waitUntilRolling(testbed, id)
  await waitForSingleTask(testbed, id)
  await testbed.api.stop(id)
  await expect
    .poll(
      () => business.got.some(({ recording, type }) => recording === id && type === 'recording.stopped'),
      { timeout: 30_000 },
    )
    .toBe(true)
  await expect.poll(() => isDelivered(id), { timeout: 10_000 }).toBe(true)
  const arrived = firstArrivals(id)
  expect(arrived.length).toBeGreaterThanOrEqual(3)
  expect(arrived).toEqual(arrived.map((_, index) => index + 1))
  const ids = new Map<number, Set<string>>()
  for (const got of business.got.filter(({ recording }) => recording === id)) {
    ids.set(got.sequence, (ids.get(got.sequence) ?? new Set()).add(got.id))
  }
  for (const [sequence, each] of ids) expect(each.size, `ids of delivery ${sequence}`).toBe(1)
})
