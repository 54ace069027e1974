import type { Testbed } from '@stillrolling/examples/testbed'
import { expect, vi } from 'vitest'

/** Short enough for a test to wait for, long enough for a page on a busy machine. */
const QUICK = {
  readyTimeout: 0,
  loadTimeout: 20,
  heartbeatInterval: 1,
  heartbeatTimeout: 4,
  unhealthyTimeout: 4,
  queryInterval: 5,
  restart: { delays: [0, 1] },
}

const POLL = { timeout: 30_000, interval: 50 }

/** Has a page of text recorded, which costs the machine next to nothing. */
export const record = async (
  { api, pages }: Testbed,
  id: string,
  policy: Record<string, unknown> = {},
): Promise<void> => {
  await api.create({
    id,
    url: `${pages.url}/text.html`,
    video: { width: 320, height: 240 },
    maxRecordingHour: 1,
    expect: ['#board'],
    policy: { ...QUICK, ...policy },
  })
}

/** Waits until a recording rolls, in this attempt. */
export const rolls = async (testbed: Testbed, id: string, attempt = 1): Promise<void> => {
  const wanted = { id, state: 'rolling', attempts: attempt }
  await vi.waitFor(async () => expect(await look(testbed, id)).toEqual(wanted), POLL)
}

/** A reporter that is being killed does not answer: looked at again. */
const look = async ({ api }: Testbed, id: string) => {
  const recording = await api.get(id).catch(() => undefined)
  return { id, state: recording?.state, attempts: recording?.attempts.length }
}

/** Waits until the timeline tells of something, and returns all that it tells. */
export const tells = async ({ api }: Testbed, id: string, code: string): Promise<string[]> => {
  return vi.waitFor(async () => {
    const codes = (await api.timeline(id, 0)).map((entry) => entry.code)
    expect(codes, `the timeline of ${id}`).toContain(code)
    return codes
  }, POLL)
}

/** The sid of a recording's newest attempt, once there is one. */
export const sidOf = async ({ api }: Testbed, id: string): Promise<string> => {
  const sid = (await api.get(id)).attempts.at(-1)?.sid
  if (!sid) throw new Error(`${id} has no sid`)
  return sid
}

/** Waits until Agora runs the newest of so many tasks and has ended the others: one for each attempt, each started once. */
export const runsOne = async ({ emulator }: Testbed, id: string, attempts = 1): Promise<void> => {
  const tasks = () =>
    emulator
      .tasks()
      .filter(({ cname }) => cname === id)
      .map(({ uid, state }) => ({ uid, runs: state === 'recording' }))
  const wanted = Array.from({ length: attempts }, (_, index) => ({
    uid: String(900_001 + index),
    runs: index === attempts - 1,
  }))
  await vi.waitFor(() => expect(tasks(), `Agora's tasks of ${id}`).toEqual(wanted), POLL)
  const starts = emulator.requests().filter(({ call, cname, sid }) => call === 'start' && cname === id && sid)
  expect(new Set(starts.map(({ sid }) => sid)).size, `sids given for ${id}`).toBeLessThanOrEqual(attempts)
}
