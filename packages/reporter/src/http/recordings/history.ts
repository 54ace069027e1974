import type { Logger } from 'pino'
import type { Config } from '../../config.ts'
import type { Engine } from '../../runtime/engine.ts'
import { mainIdOf, standbyIdOf } from '../../standbyId.ts'
import { UnreadableRowError } from '../../store/errors.ts'
import type { Store } from '../../store/store.ts'
import type { StoredRecording } from '../../store/types.ts'
import { withAttempts } from '../../supervisor/attempts.ts'
import type { Attempt, Recording, Time } from '../../supervisor/recording.ts'
import { type RecordingView, viewRecording } from './recordingView.ts'
import type { WithHistory } from './standbyView.ts'

/** The attempts that `files` and `gaps` follow from. */
export interface History {
  /** In order. Settled attempts that recorded nothing are left out, but for the first one. */
  attempts: readonly Attempt[]
  /** If older ones were left out: when the oldest one of `attempts` was made. Otherwise null. */
  since: Time | null
}

/** Settled attempts in the history of a view: those of 25 days of roll-overs every 3 hours. They take 5 ms to read. */
const MAX_SETTLED = 200

export interface HistoryOptions {
  store: Pick<Store, 'readSettledAttempts'>
  log: Logger
}

export interface ViewOptions extends HistoryOptions {
  engine: Pick<Engine, 'load'>
  config: Pick<Config, 'storageProfiles'>
}

/** The recording as the API shows it, with what is in other rows than its own: its history and its standby. */
export const loadView = async (options: ViewOptions, stored: StoredRecording): Promise<RecordingView> => {
  const standby = await loadStandby(options, stored)
  return viewRecording(
    await withHistory(options, stored),
    options.config.storageProfiles,
    standby && (await withHistory(options, standby)),
  )
}

const withHistory = async (options: HistoryOptions, stored: StoredRecording): Promise<WithHistory> => ({
  stored,
  history: await loadHistory(options, stored.recording),
})

/** One whose row cannot be read must not hide its recording. `/readyz` names it. */
const loadStandby = async (
  { engine, log }: ViewOptions,
  { request, recording }: StoredRecording,
): Promise<StoredRecording | undefined> => {
  if (!request.standby || mainIdOf(recording.id) !== undefined) return undefined
  try {
    return await engine.load(standbyIdOf(recording.id))
  } catch (err) {
    if (!(err instanceof UnreadableRowError)) throw err
    log.error({ err }, 'A standby is omitted: its row cannot be read')
    return undefined
  }
}

const loadHistory = async (options: HistoryOptions, recording: Recording): Promise<History> => {
  if (recording.attempts.length === recording.attemptCount) return historyOf(recording)
  const { store, log } = options
  const newest = await store.readSettledAttempts(recording.id, { recordedOnly: true, limit: MAX_SETTLED + 1 })
  const settled = readable(newest.slice(0, MAX_SETTLED), log)
  const { attempts } = withAttempts(recording, settled)
  const oldest = settled.at(-1)
  if (newest.length > MAX_SETTLED && oldest) {
    return { attempts: attempts.filter(({ number }) => number >= oldest.number), since: oldest.createdAt }
  }
  if (attempts[0]?.number === 1) return { attempts, since: null }
  const first = await store.readSettledAttempts(recording.id, { before: 2, limit: 1 })
  return { attempts: [...readable(first, log), ...attempts], since: null }
}

/** The history of a recording that holds all its attempts. */
export const historyOf = ({ attempts }: Recording): History => ({ attempts, since: null })

/** An attempt whose row cannot be read must not hide the others. */
export const readable = (attempts: readonly (Attempt | UnreadableRowError)[], log: Logger): Attempt[] =>
  attempts.filter((attempt) => {
    if (!(attempt instanceof UnreadableRowError)) return true
    log.error({ err: attempt }, 'A settled attempt is omitted: its row cannot be read')
    return false
  }) as Attempt[]
