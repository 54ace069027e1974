import { currentAttempt, isSupervised } from '../attempts.ts'
import { clearAttention, raiseAttention } from '../attention.ts'
import type { Draft } from '../draft.ts'
import { awaitFile } from '../output.ts'
import type { Attempt } from '../recording.ts'

/** Streams that an attempt remembers. Those that are received come first. */
const MAX_STREAMS = 64

/** Agora's state of a stream that it receives; 1 is one that it does not. */
const RECEIVING = 0

interface StreamState {
  media: 'audio' | 'video'
  streamUid?: string
  state?: number
  sequence?: number
}

/** Events 43 and 44: whether Agora receives a user's audio or video. Of a stream's notifications the last one sent counts. */
export const recordStream = (
  draft: Draft,
  attempt: Attempt,
  { media, streamUid = '', state, sequence }: StreamState,
): void => {
  if (state === undefined || !isSupervised(draft.recording, attempt.number)) return
  const name = `${media} ${streamUid}`
  const { [name]: known, ...others } = attempt.streams
  if (sequence !== undefined && sequence < (known?.sequence ?? 0)) return
  const stream = { received: state === RECEIVING, sequence: sequence ?? null }
  const streams = [[name, stream] as const, ...Object.entries(others)]
  const received = streams.filter(([, each]) => each.received)
  const missing = streams.filter(([, each]) => !each.received)
  attempt.streams = Object.fromEntries([...received, ...missing].slice(0, MAX_STREAMS))
  if (stream.received) awaitFile(draft, attempt)
}

export const isReceiving = ({ streams }: Attempt): boolean =>
  Object.values(streams).some(({ received }) => received)

/** Agora records, but none of the streams that it has received before arrives at present. */
export const watchStreams = (draft: Draft): void => {
  const current = currentAttempt(draft.recording)
  const isRunning = draft.recording.desired === 'running' && current !== undefined && current.sid !== null
  if (!isRunning || Object.keys(current.streams).length === 0 || isReceiving(current)) {
    clearAttention(draft, 'nothing_received')
    return
  }
  const message =
    'Agora receives neither audio nor video in the channel at present. If users should be sending, check that they have joined and publish'
  raiseAttention(draft, 'nothing_received', message)
}
