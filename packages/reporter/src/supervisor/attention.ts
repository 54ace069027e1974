import type { Draft } from './draft.ts'
import { addTimelineEntry } from './draft.ts'
import type { AttentionCode } from './recording.ts'

/** Raises attention. If it is raised already, only its message is updated. */
export const raiseAttention = (draft: Draft, code: AttentionCode, message: string): void => {
  const { recording, now } = draft
  const raised = recording.attention.find((attention) => attention.code === code)
  const others = recording.attention.filter((attention) => attention !== raised)
  recording.attention = [...others, { code, message, since: raised?.since ?? now }]
  if (!raised) addTimelineEntry(draft, 'attention.raised', null, message, { attention: code })
}

export const clearAttention = (draft: Draft, code: AttentionCode): void => {
  const { recording } = draft
  const raised = recording.attention.find((attention) => attention.code === code)
  if (!raised) return
  recording.attention = recording.attention.filter((attention) => attention !== raised)
  addTimelineEntry(draft, 'attention.cleared', null, `Over: ${raised.message}`, { attention: code })
}
