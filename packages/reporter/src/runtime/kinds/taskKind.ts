import type {
  AvFileType,
  CloudRecording,
  Identity,
  Mode,
  RecordedTask,
  StorageConfig,
} from '@stillrolling/rest-core'
import type { RecordingRequest } from '../../recordingRequest.ts'
import type { Attempt, Evidence, Recording, Time } from '../../supervisor/recording.ts'
import type { SentUpdate } from '../../supervisor/signal.ts'
import type { ChannelTokens } from '../channelTokens/channelTokens.ts'

/** A recording, with a request of one kind. */
export interface Requested<Request extends RecordingRequest> {
  request: Request
  recording: Recording
}

/** How a kind of recordings becomes tasks at Agora. */
export interface TaskKind<Request extends RecordingRequest = RecordingRequest> {
  /** Whether Agora can keep a task without writing (`onhold`). */
  canPause: boolean
  modeOf(request: Request): Mode
  /** The kinds of files whose names are known before Agora lists them. */
  predictableFiles(request: Request): readonly AvFileType[]
  /** What a new recording gets from its request. */
  factsOf(request: Request, id: string): RecordingFacts
  /**
   * What starts an attempt. It is the same every time but for temporary credentials and tokens, so that it can be sent again.
   * @throws {TokenError}
   */
  startOf(requested: Requested<Request>, attempt: Attempt, tools: StartTools): Promise<AttemptStart>
  /** What an update is to bring to an attempt now; undefined if there is nothing. */
  updateOf(requested: Requested<Request>, attempt: Attempt): TaskUpdate | undefined
}

export type RecordingFacts = Pick<Recording, 'kind' | 'cname' | 'maxRecordingHour' | 'maxIdleTime'>

export interface StartTools {
  now: Time
  storage: StorageConfig
  /** Signs the tokens of pages. */
  secret: string
  tokens: ChannelTokens
}

export interface AttemptStart {
  task: RecordedTask
  /** After this time query, update and stop no longer work. */
  resourceExpiredHour: number
  /** When the token that it has expires; absent without one. */
  tokenExpiresAt?: Time
}

export interface TaskUpdate {
  sent: SentUpdate
  /** What is said about it in the timeline. */
  evidence: Evidence
  send(agora: Pick<CloudRecording, 'update' | 'updateLayout'>, to: UpdateAddress): Promise<unknown>
}

/** The task to update, and how the call ends with the process. */
export interface UpdateAddress extends Identity {
  resourceId: string
  sid: string
  drainSignal?: AbortSignal
}
