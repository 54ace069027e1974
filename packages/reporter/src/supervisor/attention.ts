import { supervisedAttempts } from './attempts.ts'
import type { Draft } from './draft.ts'
import { addTimelineEntry } from './draft.ts'
import type { Attempt, AttentionCode } from './recording.ts'
import type { StartTrouble } from './signal.ts'

/** Raises attention. If it is raised already, only its message is updated. */
export const raiseAttention = (draft: Draft, code: AttentionCode, message: string): void => {
  const { recording, now } = draft
  const raised = recording.attention.find((attention) => attention.code === code)
  const others = recording.attention.filter((attention) => attention !== raised)
  recording.attention = [
    ...others,
    { code, message, since: raised?.since ?? now, attempts: raised?.attempts ?? [] },
  ]
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
  storage: {
    code: 'storage_unavailable',
    text: 'The storage profile cannot be used, and the start is tried again until it can. Check STORAGE_PROFILES and the address of temporary credentials, and restart the reporter after a change',
  },
  token: {
    code: 'token_unavailable',
    text: 'There is no valid token for the channel, and the start is tried again until there is one. Check AGORA_APP_CERTIFICATE, or the service at tokenUrl',
  },
}

/** A start did not go through, and a person may have to do something about it. At most one of the codes is raised. */
export const raiseStartTrouble = (draft: Draft, trouble: StartTrouble | undefined, message: string): void => {
  if (trouble === undefined) return
  const { code, text } = START_TROUBLES[trouble]
  for (const other of Object.values(START_TROUBLES))
    if (other.code !== code) clearAttention(draft, other.code)
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

/** The codes that are about the files of attempts: they stay when the recording has stopped. */
type FileAttentionCode = Extract<AttentionCode, 'no_files' | 'upload_failing' | 'uploads_backuped'>

const FILE_TEXTS: Readonly<Record<FileAttentionCode, string>> = {
  no_files:
    'Agora lists no file, so perhaps nothing is recorded. Check the bucket, and restart the recording if it is empty',
  upload_failing:
    'Files do not reach the bucket. Check the storage profile: is the bucket in this region, are the keys valid, and may they write',
  uploads_backuped:
    'Agora could not upload all files, and keeps some in its own backup, from where it uploads them later. Check the storage profile, and in a day whether the files are in the bucket',
}

/** Attempts that an attention names. A recording whose every upload fails for weeks has thousands. */
const MAX_ATTEMPTS = 1000

/** Raises attention about the files of an attempt, or adds the attempt. */
export const raiseAttentionOf = (
  draft: Draft,
  code: FileAttentionCode,
  { number }: Attempt,
  detail: string,
): void => {
  const before = attemptsOf(draft, code)
  const attempts = [...before.filter((each) => each !== number), number].slice(-MAX_ATTEMPTS)
  raiseAttention(draft, code, `${describeFiles(code, attempts)}. ${detail}`)
  setAttempts(draft, code, attempts)
}

/** The files of this attempt are no trouble any more. The attention is over with that of the last attempt. */
export const clearAttentionOf = (draft: Draft, code: FileAttentionCode, { number }: Attempt): void => {
  const before = attemptsOf(draft, code)
  if (!before.includes(number)) return
  const attempts = before.filter((each) => each !== number)
  if (attempts.length === 0) {
    clearAttention(draft, code)
    return
  }
  raiseAttention(draft, code, describeFiles(code, attempts))
  setAttempts(draft, code, attempts)
}

const attemptsOf = ({ recording }: Draft, code: AttentionCode): number[] =>
  recording.attention.find((each) => each.code === code)?.attempts ?? []

const setAttempts = ({ recording }: Draft, code: AttentionCode, attempts: number[]): void => {
  recording.attention = recording.attention.map((each) => (each.code === code ? { ...each, attempts } : each))
}

/** Attempts that a message names; the field `attempts` has all. */
const MAX_NAMED = 5

const describeFiles = (code: FileAttentionCode, attempts: number[]): string => {
  const named = attempts.slice(-MAX_NAMED).join(', ')
  const more = attempts.length > MAX_NAMED ? ` and ${attempts.length - MAX_NAMED} more` : ''
  return `${FILE_TEXTS[code]} (${attempts.length === 1 ? 'attempt' : 'attempts'} ${named}${more})`
}
