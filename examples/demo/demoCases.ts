import type { RecordingView } from '@stillrolling/reporter'
import { reasonsOf } from '../testbed/results.ts'
import type { Testbed } from '../testbed/testbed.ts'

/** A page, what goes wrong with it, and what must come of it. */
export interface DemoCase {
  /** The name of the page's file, without `.html`. */
  page: string
  description: string
  expect: string[]
  media: string[]
  policy: Record<string, unknown>
  /** What the demo does to the task of the first attempt once the recording rolls. */
  fault?: { command: Parameters<Testbed['emulator']['runCommand']>[1]; description: string }
  expected: ExpectedResult
}

export interface ExpectedResult {
  state: 'rolling' | 'recovering'
  attempts: number
  /** Why attempts failed, in order. */
  reasons: string[]
}

/**
 * Short timeouts: the demo shows within a minute what takes minutes by default. Their order is that of the defaults: a
 * page that does not load is reloaded and then stopped by Agora before `loadTimeout` is over.
 */
const shortPolicy = (readyTimeout: number): Record<string, unknown> => ({
  readyTimeout,
  loadTimeout: 2 * readyTimeout + 15,
  heartbeatInterval: 2,
  heartbeatTimeout: 8,
  unhealthyTimeout: 4,
  queryInterval: 20,
  restart: { delays: [0, 1, 2], maxNeverLoaded: 2 },
})

/** Long enough for six pages that start together on two cores. */
const LOADS = shortPolicy(15)
/** For pages that never load. */
const NEVER_LOADS = shortPolicy(6)

const CLASSROOM = { expect: ['#board'], media: ['video.teacher'] }
const ROLLING = 'rolling'

export const DEMO_CASES: readonly DemoCase[] = [
  {
    page: 'healthy',
    description: 'nothing: a page with a video that plays',
    ...CLASSROOM,
    policy: LOADS,
    expected: { state: ROLLING, attempts: 1, reasons: [] },
  },
  {
    page: 'missing-element',
    description: 'the board does not appear in the first attempt (event 71, code 4)',
    ...CLASSROOM,
    policy: NEVER_LOADS,
    expected: { state: ROLLING, attempts: 2, reasons: ['stopped_by_agora'] },
  },
  {
    page: 'freezing-video',
    description: 'the video freezes after some seconds',
    ...CLASSROOM,
    policy: LOADS,
    expected: { state: ROLLING, attempts: 2, reasons: ['page_unhealthy'] },
  },
  {
    page: 'dying',
    description: 'the page dies, while Agora goes on recording',
    ...CLASSROOM,
    policy: LOADS,
    fault: { command: { do: 'killPage' }, description: "The demo kills the page's renderer process" },
    expected: { state: ROLLING, attempts: 2, reasons: ['page_silent'] },
  },
  {
    page: 'stopped',
    description: 'Agora stops the recorder (event 71, code 6)',
    ...CLASSROOM,
    policy: LOADS,
    fault: { command: { do: 'stop', code: 6 }, description: 'The demo has the emulator stop the recorder' },
    expected: { state: ROLLING, attempts: 2, reasons: ['stopped_by_agora'] },
  },
  {
    page: 'no-probe',
    description: 'the page has no script tag, so it sends no reports',
    expect: [],
    media: [],
    policy: NEVER_LOADS,
    expected: { state: 'recovering', attempts: 2, reasons: ['stopped_by_agora', 'stopped_by_agora'] },
  },
]

/** The body of `POST /v1/recordings` for a case. */
export const requestOf = (demoCase: DemoCase, testbed: Testbed): Record<string, unknown> => ({
  id: idOf(demoCase),
  url: `${testbed.pages.url}/${demoCase.page}.html`,
  video: { width: 640, height: 360, fps: 15 },
  maxRecordingHour: 1,
  expect: demoCase.expect,
  media: demoCase.media,
  policy: demoCase.policy,
})

/** A recording's id has letters and digits only. */
export const idOf = ({ page }: Pick<DemoCase, 'page'>): string => page.replaceAll('-', '')

/** How a recording differs from the expected result; empty when it does not. */
export const mismatches = ({ expected }: DemoCase, recording: RecordingView): string[] => {
  const found: string[] = []
  const reasons = reasonsOf(recording).join(', ')
  if (recording.state !== expected.state) found.push(`state is ${recording.state}, not ${expected.state}`)
  if (recording.attemptCount !== expected.attempts) {
    found.push(`${recording.attemptCount} attempts, not ${expected.attempts}`)
  }
  if (reasons !== expected.reasons.join(', '))
    found.push(`reasons are [${reasons}], not [${expected.reasons.join(', ')}]`)
  return found
}
