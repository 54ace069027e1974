import { describe, expect, test } from 'vitest'
import { type TrackedRecording, track } from '../testing/trackedRecording.ts'

const BOARD = { name: '#board', detail: 'no element matches' }
/** Agora's readyTimeout passes 30 s after the sid, for the first time and then again. */
const READY_TIMEOUT = 30
const started = () => track().acquired().started()
const lastMessage = (it: TrackedRecording, code: string) =>
  it.timeline.findLast((entry) => entry.code === code)?.message

/** What the page did before `readyTimeout` passed, and what every entry about it says. */
const PAGES: [string, (it: TrackedRecording) => TrackedRecording, string][] = [
  [
    'waits for an element',
    (it) =>
      it
        .wait(4)
        .hello({ failing: [BOARD] })
        .wait(20)
        .heartbeat({ failing: [BOARD] }),
    'The page reported first 26 s ago and last 6 s ago: it waits for #board (no element matches)',
  ],
  [
    'threw at its start, and reported once',
    (it) => it.wait(4).hello({ failing: [BOARD], errors: 1 }),
    'The page reported once, 26 s ago: it waits for #board (no element matches); 1 script error',
  ],
  [
    'threw once, and said what',
    (it) => it.wait(4).hello({ errors: 1, firstError: 'Error: no lesson' }),
    'The page reported once, 26 s ago: it has not loaded, and no check fails; 1 script error: Error: no lesson',
  ],
  [
    'never said that it is ready',
    (it) => it.wait(4).hello({ errors: 2 }).wait(20).heartbeat({ errors: 2 }),
    'The page reported first 26 s ago and last 6 s ago: it has not loaded, and no check fails; 2 script errors',
  ],
  [
    'threw several times, and said what first',
    (it) => it.wait(4).hello({ errors: 2, firstError: 'Error: no lesson' }).wait(20).heartbeat({ errors: 2 }),
    'The page reported first 26 s ago and last 6 s ago: it has not loaded, and no check fails; 2 script errors, the first: Error: no lesson',
  ],
  [
    'had loaded, and did not signal that it is ready',
    (it) => it.wait(4).hello().loaded().wait(20).heartbeat(),
    'The page reported first 26 s ago and last 6 s ago: it had loaded, and all its checks passed',
  ],
  [
    'had loaded, and reports failed checks',
    (it) => it.wait(4).hello().loaded().wait(20).checksFail(BOARD),
    'The page reported first 26 s ago and last 6 s ago: checks have failed for 6 s: #board (no element matches)',
  ],
  [
    'never reached the reporter',
    (it) => it,
    "The page never reached the reporter. Does it have the script tag, does a Content Security Policy keep the tag's file or its reports from being loaded, is the reporter's public URL (PUBLIC_URL) reachable from outside, and does a redirect keep the parameter stillrolling in the page's URL?",
  ],
  [
    'was refused for its token',
    (it) => it.signal({ type: 'tokenRefused', attempt: 1 }),
    'The page never reached the reporter, but a report that names the attempt was refused: no secret in STILLROLLING_SECRET has signed its token',
  ],
]

const atReadyTimeout = (behave: (it: TrackedRecording) => TrackedRecording): TrackedRecording => {
  const it = behave(started())
  return it.wait(READY_TIMEOUT - it.now)
}

describe('what a page last reported', () => {
  test.each(PAGES)('is in the entry of a reload by Agora: it %s', (_, behave, summary) => {
    const it = atReadyTimeout(behave).notification(73)
    expect(lastMessage(it, 'agora.reload')).toBe(`Agora reloads the page (event 73). ${summary}`)
  })

  test.each(PAGES)('is in the reason of event 71, code 4: it %s', (_, behave, summary) => {
    const it = atReadyTimeout(behave).notification(71, { code: 4 })
    const message = `Agora stopped the recording: event 71, code 4 (page_load_timeout). ${summary}`
    expect(it.attempt(1).endReason?.message).toBe(message)
    expect(lastMessage(it, 'attempt.failed')).toMatch(message)
  })

  test('is in the evidence, for programs', () => {
    const it = started()
      .wait(4)
      .hello({ failing: [BOARD], errors: 1, firstError: 'Error: no lesson' })
      .notification(71, { code: 4 })
    const at = it.recording.createdAt + 4000
    expect(it.attempt(1).endReason?.evidence).toEqual({
      eventType: 71,
      code: 4,
      detail: undefined,
      sid: 'sid1',
      openedAt: at,
      lastBeatAt: at,
      loaded: false,
      failing: [BOARD],
      failingSince: null,
      errors: 1,
      firstError: 'Error: no lesson',
    })
  })

  test('is of the document that Agora opened last, once that one has reported', () => {
    const it = started()
      .wait(4)
      .hello({ failing: [BOARD] })
      .wait(26)
      .notification(73)
    it.wait(2).hello({ page: 'second', failing: ['video'] })
    it.wait(28).notification(71, { code: 4 })
    expect(it.attempt(1).endReason?.message).toContain('The page reported once, 28 s ago: it waits for video')
  })

  test.each([
    [{ failing: [BOARD] }, 'it waits for #board (no element matches)'],
    [{}, 'it has not loaded, and no check fails'],
  ])('is in the reason page_not_loaded when the reporter notices first: %j', (report, says) => {
    const it = started().wait(4).hello(report)
    for (let n = 1; n <= 3; n += 1) it.pass(20).heartbeat(report)
    expect(it.pass(11).recording.replacing).toMatchObject({
      code: 'page_not_loaded',
      message: `The page has not loaded after 75 s. The page reported first 71 s ago and last 11 s ago: ${says}`,
    })
  })

  test('is in the entries of a page that never reported', () => {
    const it = started().pass(80)
    expect(lastMessage(it, 'page.never_contacted')).toMatch(
      /^No report from the page within 75 s: querying Agora\. The page never reached the reporter\./,
    )
    expect(it.recording.replacing).toMatchObject({
      code: 'page_never_contacted',
      message: expect.stringMatching(/ \(status 5\)\. The page never reached the reporter\./),
    })
  })

  test('is in the reason of a page that fell silent', () => {
    const it = started().wait(4).hello().loaded({ errors: 3 }).pass(35)
    expect(it.recording.replacing?.message).toMatch(
      /^No report from the page for 30 s, the last one at .*\. The page reported once, 30 s ago: it had loaded, and all its checks passed; 3 script errors$/,
    )
  })
})
