import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordingView, TimelineView } from '@stillrolling/reporter'
import type { Stage } from './stage.ts'

/** One page, what goes wrong with it, and how it must end. */
export interface Story {
  /** Also the page's file name. */
  page: string
  /** For a person: what happens here. */
  plot: string
  expect: string[]
  media: string[]
  policy: Record<string, unknown>
  /** What the audience does to the first attempt once it rolls. */
  sabotage?: (stage: Stage, sid: string) => Promise<void>
  ending: Ending
}

export interface Ending {
  state: 'rolling' | 'unhealthy'
  attempts: number
  /** Why attempts failed, in order; for a recording that gave up, the last one is why. */
  reasons: string[]
}

/** Shortened, so that the demo shows within a minute what takes minutes by default. */
const quick = (loadTimeout: number): Record<string, unknown> => ({
  readyTimeout: 0,
  loadTimeout,
  heartbeatInterval: 2,
  heartbeatTimeout: 8,
  unhealthyTimeout: 4,
  queryInterval: 20,
  restart: { delays: [0, 1, 2], maxNeverLoaded: 2 },
})

/** The first page waits for a browser that may have to be unpacked first. */
const PATIENT = quick(40)
/** For pages that never load: 10 s is the least that a policy allows. */
const IMPATIENT = quick(15)

const CLASSROOM = { expect: ['#board'], media: ['video.teacher'] }
const ROLLING = 'rolling'

/** Lets the recording roll a little before it is sabotaged. */
const afterAWhile =
  (command: Parameters<Stage['emulator']['runCommand']>[1]) =>
  async (stage: Stage, sid: string): Promise<void> => {
    await sleep(2000)
    await stage.emulator.runCommand(sid, command)
  }

export const STORIES: readonly Story[] = [
  {
    page: 'healthy',
    plot: 'a page with a playing video',
    ...CLASSROOM,
    policy: PATIENT,
    ending: { state: ROLLING, attempts: 1, reasons: [] },
  },
  {
    page: 'missing-element',
    plot: 'the board never appears the first time',
    ...CLASSROOM,
    policy: IMPATIENT,
    ending: { state: ROLLING, attempts: 2, reasons: ['page_not_loaded'] },
  },
  {
    page: 'freezing-video',
    plot: 'the video freezes after some seconds',
    ...CLASSROOM,
    policy: PATIENT,
    ending: { state: ROLLING, attempts: 2, reasons: ['page_unhealthy'] },
  },
  {
    page: 'dying',
    plot: "the page's renderer is killed, the recorder goes on and says nothing",
    ...CLASSROOM,
    policy: PATIENT,
    sabotage: afterAWhile({ do: 'killPage' }),
    ending: { state: ROLLING, attempts: 2, reasons: ['page_silent'] },
  },
  {
    page: 'stopped',
    plot: 'Agora stops the recorder: event 71, code 6',
    ...CLASSROOM,
    policy: PATIENT,
    sabotage: afterAWhile({ do: 'stop', code: 6 }),
    ending: { state: ROLLING, attempts: 2, reasons: ['stopped_by_agora'] },
  },
  {
    page: 'no-probe',
    plot: 'a page without the script tag',
    expect: [],
    media: [],
    policy: IMPATIENT,
    ending: { state: 'unhealthy', attempts: 2, reasons: ['page_never_contacted', 'page_never_contacted'] },
  },
]

/** The body of `POST /v1/recordings` for a story. */
export const requestOf = (story: Story, stage: Stage): Record<string, unknown> => ({
  id: idOf(story),
  url: `${stage.pages.url}/${story.page}.html`,
  video: { width: 640, height: 360, fps: 15 },
  maxRecordingHour: 1,
  expect: story.expect,
  media: story.media,
  policy: story.policy,
})

/** Recording ids are letters and digits. */
export const idOf = ({ page }: Pick<Story, 'page'>): string => page.replaceAll('-', '')

/** Why attempts failed, in order. A recording that gave up and runs on says its last reason itself. */
export const reasonsOf = ({ attempts, state, reason }: RecordingView): string[] => [
  ...attempts.flatMap(({ endReason }) => (endReason && endReason.code !== 'stopped' ? [endReason.code] : [])),
  ...(state === 'unhealthy' && reason ? [reason.code] : []),
]

/** What is not (yet) as the story wants it; empty: it ended as said. */
export const differences = ({ ending }: Story, recording: RecordingView): string[] => {
  const found: string[] = []
  const reasons = reasonsOf(recording).join(', ')
  if (recording.state !== ending.state) found.push(`state is ${recording.state}, not ${ending.state}`)
  if (recording.attempts.length !== ending.attempts) {
    found.push(`${recording.attempts.length} attempts, not ${ending.attempts}`)
  }
  if (reasons !== ending.reasons.join(', '))
    found.push(`reasons are [${reasons}], not [${ending.reasons.join(', ')}]`)
  return found
}

const SIGNS = ['page.check_failed', 'page.silent', 'page.never_contacted', 'attempt.failed']

/**
 * Seconds from the fault (when the audience made it) or the first sign of trouble (when the page did) until the
 * recording rolled again; null when it never failed or never rolled again.
 */
export const recoverySeconds = (timeline: TimelineView[], sabotagedAt: number | undefined): number | null => {
  const sign = timeline.find(({ code }) => SIGNS.includes(code))
  if (!sign) return null
  const from = sabotagedAt ?? Date.parse(sign.at)
  const again = timeline.find(({ id, code }) => id > sign.id && code === 'recording.rolling')
  return again ? Math.round((Date.parse(again.at) - from) / 100) / 10 : null
}
