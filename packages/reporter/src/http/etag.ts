import type { StoredRecording } from '../store/types.ts'
import { invalidRequest, Problem } from './problem.ts'

/** Of a recording's view. Heartbeats change the view and not the version, so it is for `If-Match`, not for caches. */
export const etagOf = ({ version }: Pick<StoredRecording, 'version'>): string => `"${version}"`

const ENTITY_TAG = '(?:W/)?"[\\x21\\x23-\\x7e\\x80-\\xff]*"'
const LIST = new RegExp(`^[ \\t,]*${ENTITY_TAG}(?:[ \\t]*,[ \\t]*(?:${ENTITY_TAG})?)*[ \\t]*$`)

/**
 * Whether a request may change this version of a recording (RFC 9110, 13.1.1): weak tags never match.
 * @param ifMatch the header, if the request has one
 * @throws {Problem} 412 if none of its tags is that of the version, 422 if it is not one
 */
export const requireMatch = (ifMatch: string | undefined, stored: StoredRecording): void => {
  if (ifMatch === undefined || ifMatch.trim() === '*') return
  if (!LIST.test(ifMatch)) {
    const message = 'must be "*" or the ETag of a recording, in double quotes'
    throw invalidRequest([{ path: 'If-Match', message }])
  }
  const tags = [...ifMatch.matchAll(new RegExp(ENTITY_TAG, 'g'))].map(([tag]) => tag)
  const etag = etagOf(stored)
  if (tags.includes(etag)) return
  throw new Problem(
    'version_conflict',
    `The recording "${stored.recording.id}" has been stored again since it was read: its version is ${stored.version} now. Read it, and send the change again.`,
    { headers: { etag } },
  )
}
