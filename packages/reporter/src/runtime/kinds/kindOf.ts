import type { RecordingRequest } from '../../recordingRequest.ts'
import type { RecordingKind } from '../../supervisor/recording.ts'
import { channel } from './channel.ts'
import { page } from './page.ts'
import type { TaskKind } from './taskKind.ts'

const KINDS: { [Kind in RecordingKind]: TaskKind<Extract<RecordingRequest, { kind: Kind }>> } = {
  page,
  channel,
}

/** How the kind of a request becomes tasks at Agora: to be called with that request only. */
export const kindOf = ({ kind }: Pick<RecordingRequest, 'kind'>): TaskKind => KINDS[kind] as TaskKind
