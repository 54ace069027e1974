import { openTestbed, type Testbed, type TestbedOptions } from '@stillrolling/examples/testbed'
import { expect, onTestFinished, vi } from 'vitest'

/** Opens a testbed, which closes when the test has finished. */
export const openForTest = async (options?: TestbedOptions): Promise<Testbed> => {
  const testbed = await openTestbed(options)
  onTestFinished(() => testbed.close())
  return testbed
}

/** Timeouts that are short enough for a test, and long enough for a page on a busy machine. */
const SHORT_TIMEOUTS = {
  readyTimeout: 0,
  loadTimeout: 20,
  heartbeatInterval: 1,
  heartbeatTimeout: 4,
  unhealthyTimeout: 4,
  queryInterval: 5,
  restart: { delays: [0, 1] },
}

export const POLL = { timeout: 30_000, interval: 50 }

/**
 * Records a page of text, which needs hardly any CPU.
 * @param policy changes the short timeouts; null is the default policy
 * @param fields further ones of the request
 */
export const record = async (
  { api, pages }: Testbed,
  id: string,
  policy: Record<string, unknown> | null = {},
  fields: Record<string, unknown> = {},
): Promise<void> => {
  await api.create({
    id,
    url: `${pages.url}/text.html`,
    video: { width: 320, height: 240 },
    maxRecordingHour: 1,
    expect: ['#board'],
    policy: policy === null ? {} : { ...SHORT_TIMEOUTS, ...policy },
    ...fields,
  })
}

/** Waits until a recording rolls in its attempt of this number, and has no further one. */
export const waitUntilRolling = (testbed: Testbed, id: string, attempts = 1): Promise<void> =>
  waitUntilState(testbed, id, { state: 'rolling', attempts })

export const waitUntilState = async (
  testbed: Testbed,
  id: string,
  { state, attempts }: { state: string; attempts: number },
): Promise<void> => {
  const expected = { id, state, attempts }
  await vi.waitFor(async () => expect(await summaryOf(testbed, id)).toEqual(expected), POLL)
}

/** State and number of attempts; both undefined while a killed reporter does not answer. */
const summaryOf = async ({ api }: Testbed, id: string) => {
  const recording = await api.get(id).catch(() => undefined)
  return { id, state: recording?.state, attempts: recording?.attemptCount }
}

/** Waits until the timeline has an entry with this code. @returns the codes of all entries */
export const waitForTimelineCode = async ({ api }: Testbed, id: string, code: string): Promise<string[]> => {
  return vi.waitFor(async () => {
    const codes = (await api.timeline(id, 0)).map((entry) => entry.code)
    expect(codes, `the timeline of ${id}`).toContain(code)
    return codes
  }, POLL)
}

/** The sid of a recording's newest attempt. @throws if it has none */
export const sidOf = async ({ api }: Testbed, id: string): Promise<string> => {
  const sid = (await api.get(id)).attempts.at(-1)?.sid
  if (!sid) throw new Error(`${id} has no sid`)
  return sid
}

/** The sid of the first task at Agora with this uid. @throws if there is none */
export const sidOfTask = ({ emulator }: Testbed, uid: string): string => {
  const task = emulator.tasks().find((each) => each.uid === uid)
  if (!task) throw new Error(`Agora has no task with the uid ${uid}`)
  return task.sid
}

/** Waits until Agora has one task for each attempt, each started once, and only the newest one still runs. */
export const waitForSingleTask = async ({ emulator }: Testbed, id: string, attempts = 1): Promise<void> => {
  const tasks = () =>
    emulator
      .tasks()
      .filter(({ cname }) => cname === id)
      .map(({ uid, state }) => ({ uid, runs: state === 'recording' }))
  const expected = Array.from({ length: attempts }, (_, index) => ({
    uid: String(900_001 + index),
    runs: index === attempts - 1,
  }))
  await vi.waitFor(() => expect(tasks(), `Agora's tasks of ${id}`).toEqual(expected), POLL)
  const starts = emulator.requests().filter(({ call, cname, sid }) => call === 'start' && cname === id && sid)
  expect(new Set(starts.map(({ sid }) => sid)).size, `sids given for ${id}`).toBeLessThanOrEqual(attempts)
}
