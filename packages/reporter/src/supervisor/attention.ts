import { supervisedAttempts } from './attempts.ts'
import type { Draft } from './draft.ts'
import { addTimelineEntry } from './draft.ts'
import type { AttentionCode } from './recording.ts'
import type { StartTrouble } from './signal.ts'

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

interface StartTroubleAttention {
  code: AttentionCode
  text: string
}

const START_TROUBLES: Readonly<Record<StartTrouble, StartTroubleAttention>> = {
  account: {
    code: 'agora_refuses_account',
    text: 'Agora refuses the account, and the start is sent again until it is accepted. Check AGORA_APP_ID, AGORA_CUSTOMER_ID and AGORA_CUSTOMER_SECRET, and that cloud recording is enabled',
  },
  way: {
    code: 'agora_unreachable',
    text: 'Agora is not reached, and the start is sent again until it is accepted. Check the network and any proxy between the reporter and Agora',
  },
}

/** A start did not go through, and a person may have to do something about it. At most one of the codes is raised. */
export const raiseStartTrouble = (draft: Draft, trouble: StartTrouble | undefined, message: string): void => {
  if (trouble === undefined) return
  clearAttention(draft, START_TROUBLES[trouble === 'account' ? 'way' : 'account'].code)
  const { code, text } = START_TROUBLES[trouble]
  raiseAttention(draft, code, `${text}. ${message}`)
}

/** A start was accepted, or none is waiting any more. */
export const clearStartTrouble = (draft: Draft): void => {
  const { recording } = draft
  const isWaiting =
    recording.desired === 'running' && supervisedAttempts(recording).some(({ sid }) => sid === null)
  if (isWaiting) return
  for (const { code } of Object.values(START_TROUBLES)) clearAttention(draft, code)
}
