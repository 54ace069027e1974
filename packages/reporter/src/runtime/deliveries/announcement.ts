import type { Reason, RecordingKind, RecordingState } from '../../supervisor/recording.ts'
import type { DeliveryType } from './deliveryTypes.ts'

/** The recording in that moment. */
export interface AnnouncedRecording {
  id: string
  kind: RecordingKind
  /** As the request has them. */
  labels: Readonly<Record<string, string>>
  state: RecordingState
  /** The number of the current attempt; null if there is none. */
  attempt: number | null
  /** Its sid; null while it is not known. */
  sid: string | null
}

/** The code is any string, because a newer version may have codes that this one does not know. */
export interface AnnouncedReason extends Omit<Reason, 'code'> {
  code: string
}

export interface AnnouncedAttention {
  code: string
  message: string
  /** ISO 8601. */
  since: string
}

interface OfRecording {
  recording: AnnouncedRecording
}

interface WithReason {
  reason: AnnouncedReason | null
}

/** `repeated`: how many changes there were within a minute, if they are counted. */
interface OfHealth extends OfRecording {
  repeated?: number | undefined
}

interface OfReplacement extends OfRecording, WithReason {
  from: number
  to: number
}

/** The fields of each type. */
interface Fields {
  'recording.created': OfRecording
  'recording.rolling': OfHealth
  'recording.unhealthy': OfHealth & WithReason & { final: boolean }
  'recording.recovering': OfHealth & WithReason
  'recording.attempt_failed': OfRecording & WithReason & { attempt: number }
  'recording.restarted': OfReplacement
  'recording.rolled_over': OfReplacement
  'recording.paused': OfRecording & WithReason
  'recording.resumed': OfRecording
  'recording.stopped': OfRecording & WithReason
  'recording.failed': OfRecording & WithReason
  'recording.attention_raised': OfRecording & { attention: AnnouncedAttention }
  'recording.attention_cleared': OfRecording & { attention: AnnouncedAttention }
  'recording.files_added': OfRecording & { files: { name: string; attempt: number }[]; count: number }
  'page.note': OfRecording & { attempt: number; note: unknown }
  'supervisor.paused': WithReason
  'supervisor.resumed': WithReason
  'delivery.exhausted': WithReason & {
    destination: { name: string }
    delivery: { id: string; type: string }
  }
  'delivery.recovered': { destination: { name: string } }
  'delivery.test': Record<never, never>
}

export type FieldsOf<Type extends DeliveryType> = Fields[Type]

/** What a decision, or the reporter itself, announces. It becomes a delivery to each destination with its type. */
export type Announcement = { [Type in DeliveryType]: { type: Type } & Fields[Type] }[DeliveryType]

/** The body of a delivery as it is sent under the preset `standard`. */
export type DeliveryBody = Announcement & {
  /** The same as the header `webhook-id`: a receiver that has seen it ignores the delivery. */
  id: string
  /** When it happened, ISO 8601. */
  time: string
  /** Consecutive within the deliveries of one recording to one destination. */
  sequence: number
}
