import { StillrollingError } from './errors.ts'
import type { Operations } from './generated/operations.ts'
import type { Recording } from './generated/schemas.ts'
import { sleep } from './sleep.ts'

export type RecordingState = Recording['state']

export interface WaitOptions {
  /** Seconds after which the wait fails. @default 300 */
  timeout?: number
  signal?: AbortSignal
}

export type WaitUntil = (
  id: string,
  states: RecordingState | readonly RecordingState[],
  options?: WaitOptions,
) => Promise<Recording>

const DEFAULT_TIMEOUT = 300
/** Seconds of one request. Proxies rarely end a request sooner. */
const POLL_TIMEOUT = 50
/** Beyond it, for the answer to arrive. */
const ANSWER_TIMEOUT = 15
/** Between two reads of a reporter that cannot wait. */
const INTERVAL_MS = 2000

/** Nothing follows them. */
const TERMINAL: readonly RecordingState[] = ['stopped', 'failed']

export const createWaitUntil =
  ({ getRecording }: Pick<Operations, 'getRecording'>): WaitUntil =>
  async (id, states, { timeout = DEFAULT_TIMEOUT, signal } = {}) => {
    const desired = typeof states === 'string' ? [states] : [...states]
    const endsAt = Date.now() + timeout * 1000
    const secondsLeft = (): number => Math.max(1, Math.ceil((endsAt - Date.now()) / 1000))
    let canWait = true

    const wait = (): Promise<Recording> => {
      const seconds = Math.min(POLL_TIMEOUT, secondsLeft())
      const query = { waitFor: desired, timeout: seconds }
      return getRecording(id, query, { signal, timeout: seconds + ANSWER_TIMEOUT })
    }
    const poll = async (): Promise<Recording> => {
      await sleep(Math.min(INTERVAL_MS, secondsLeft() * 1000), signal)
      return getRecording(id, {}, { signal })
    }
    const waitOrPoll = async (): Promise<Recording> => {
      if (!canWait) return poll()
      try {
        return await wait()
      } catch (error) {
        // An earlier version knows no `waitFor`.
        canWait = !(error instanceof StillrollingError && error.errors.some(({ path }) => path === 'waitFor'))
        if (canWait) throw error
        return getRecording(id, {}, { signal })
      }
    }

    for (;;) {
      const recording = await waitOrPoll()
      const { state } = recording
      if (desired.includes(state)) return recording
      if (TERMINAL.includes(state) || isStopping(recording, desired)) throw unreachable(recording, desired)
      if (Date.now() >= endsAt) {
        const detail = `The recording "${id}" is ${state}, and was not ${desired.join(' or ')} within ${timeout} s.`
        throw new StillrollingError({ code: 'timed_out', detail })
      }
    }
  }

/** After a stop, only these follow. */
const isStopping = ({ desired }: Recording, states: readonly RecordingState[]): boolean =>
  desired === 'stopped' && !states.includes('stopped') && !states.includes('stopping')

const unreachable = (
  { id, state, desired, reason, gaveUp }: Recording,
  states: readonly string[],
): StillrollingError => {
  const why = (gaveUp ?? reason)?.message
  const is = desired === 'stopped' ? 'was stopped' : `is ${state}`
  const detail = `The recording "${id}" ${is}, and will not be ${states.join(' or ')}${why ? `: ${why}` : '.'}`
  return new StillrollingError({ code: 'state_unreachable', detail })
}
