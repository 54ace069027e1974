import { setTimeout as sleep } from 'node:timers/promises'
import type { RecordingSummary, TimelineView } from '@stillrolling/reporter'
import { reasonsOf } from '../testbed/results.ts'
import type { Terminal } from '../testbed/terminal.ts'
import type { Testbed } from '../testbed/testbed.ts'
import { diagnosePage } from './diagnosePage.ts'
import { followRecordings } from './followRecordings.ts'
import { nextSteps, nextStepsAgain, scriptTag } from './texts.ts'

/** One page's recording, followed in the terminal. */
export interface Trial {
  /** Creates the recording. */
  start(): Promise<void>
  /**
   * Prints timelines until the signal aborts.
   * @throws when the reporter has not answered for 10 s
   */
  follow(signal: AbortSignal): Promise<void>
  /** Stops all recordings, and waits up to 5 s until Agora has ended their tasks. */
  stop(): Promise<void>
  result(): Promise<TrialResult>
}

export interface TrialRequest {
  url: string
  expect: string[]
  media: string[]
}

export interface TrialResult {
  ok: boolean
  id: string
  url: string
  state: string
  attempts: number
  /** Why attempts failed, in order. */
  reasons: string[]
  /** Why the page may send no reports; null when it sends some. */
  diagnosis: string | null
}

/**
 * Short timeouts in the order of the defaults, so that a person sees within seconds what takes minutes by default, and no
 * limit of restarts, so that a page can be mended while it is being recorded.
 */
export const TRIAL_POLICY: Record<string, unknown> = {
  readyTimeout: 10,
  loadTimeout: 30,
  heartbeatInterval: 2,
  heartbeatTimeout: 8,
  unhealthyTimeout: 5,
  queryInterval: 20,
  restart: { delays: [0, 2, 5, 10, 20], maxFailures: 1000, maxNeverLoaded: 1000 },
}

const POLL_INTERVAL_MS = 400
const MAX_SILENCE_MS = 10_000
const STOP_TIMEOUT_MS = 5000

export const createTrial = (
  testbed: Testbed,
  terminal: Terminal,
  { url, expect, media }: TrialRequest,
): Trial => {
  const { api, reporterUrl } = testbed
  let id = ''
  let hasExplained = false
  let diagnosis: string | null = null
  /** The last attempt whose page reported. */
  let contacted = 0

  const onEntry = async (recording: RecordingSummary, entry: TimelineView): Promise<void> => {
    const { attempt, code, message } = entry
    const columns = [terminal.time(Date.parse(entry.at)), attempt === null ? '  ' : `#${attempt}`]
    if (recording.id !== id) columns.push(recording.id)
    terminal.print([...columns, terminal.paintEntry(entry, message)].join('  '))
    if (recording.id !== id) return
    if (code === 'page.hello') {
      contacted = attempt ?? 0
      diagnosis = null
    }
    const isUncontacted = entry.evidence.code === 'page_never_contacted'
    if (isUncontacted || (code === 'attempt.failed' && contacted !== attempt)) await explainFailure()
    const sid = recording.current?.sid
    if (code === 'recording.rolling' && sid) explainNextSteps(sid)
  }

  const explainFailure = async (): Promise<void> => {
    const text = await diagnosePage(url, reporterUrl)
    if (text === diagnosis) return
    diagnosis = text
    terminal.print(
      '',
      ...[text, `The tag: ${scriptTag(reporterUrl)}`].map((line) => terminal.paint('yellow', line)),
    )
    terminal.print('The next attempts open the page again, so you can change it meanwhile.', '')
  }

  const explainNextSteps = (sid: string): void => {
    terminal.print(...(hasExplained ? nextStepsAgain(testbed, sid) : nextSteps(testbed, id, sid)))
    hasExplained = true
  }

  return {
    start: async () => {
      const taken = new Set((await api.list()).map((recording) => recording.id))
      for (let number = 1; id === '' || taken.has(id); number += 1) id = `try${number}`
      await api.create({ id, url, expect, media })
    },
    follow: async (signal) => {
      const follower = followRecordings(api, Date.now() - 1000, onEntry)
      for (let answeredAt = Date.now(); !signal.aborted; ) {
        try {
          await follower.poll()
          answeredAt = Date.now()
        } catch (error) {
          if (Date.now() - answeredAt > MAX_SILENCE_MS) throw error
        }
        await sleep(POLL_INTERVAL_MS, undefined, { signal }).catch(() => undefined)
      }
    },
    stop: async () => {
      for (const recording of await api.list()) {
        if (recording.state !== 'stopped' && recording.state !== 'failed') await api.stop(recording.id)
      }
      const isEnded = () => testbed.emulator.tasks().every(({ state }) => state === 'ended')
      for (const deadline = Date.now() + STOP_TIMEOUT_MS; !isEnded() && Date.now() < deadline; )
        await sleep(100)
    },
    result: async () => {
      const recording = await api.get(id)
      const { state, attemptCount } = recording
      const reasons = reasonsOf(recording)
      return { ok: state === 'rolling', id, url, state, attempts: attemptCount, reasons, diagnosis }
    },
  }
}
