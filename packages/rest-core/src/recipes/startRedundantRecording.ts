import type { CloudRecording } from '../client.ts'
import { type StartRecordingRequest, type StartRecordingResult, startRecording } from './startRecording.ts'

export interface RedundantResult {
  first: StartRecordingResult
  second: StartRecordingResult
}

/**
 * Records the same cname twice, in different data centres: the second start excludes the resource of the
 * first (Agora, integration best practices: redundant recording). Each is billed. The second is started
 * whatever became of the first; each has an outcome of its own.
 *
 * @example
 * await startRedundantRecording(client, request, { ...request, uid: '900002' })
 *
 * @throws RangeError before anything is sent, if the uids are the same or the cnames are not: with one uid the
 * second start would be refused, or push the first recording out
 */
export const startRedundantRecording = async (
  client: CloudRecording,
  first: StartRecordingRequest,
  second: StartRecordingRequest,
): Promise<RedundantResult> => {
  if (first.cname !== second.cname) throw new RangeError('redundant recording: the cnames must be the same')
  if (first.uid === second.uid) throw new RangeError('redundant recording: the uids must differ')
  const outcome = await startRecording(client, first)
  const excludeResourceIds = [...(second.acquire?.excludeResourceIds ?? []), ...resourcesOf(outcome)]
  const acquire = excludeResourceIds.length === 0 ? second.acquire : { ...second.acquire, excludeResourceIds }
  return { first: outcome, second: await startRecording(client, { ...second, acquire }) }
}

const resourcesOf = (result: StartRecordingResult): string[] => {
  if (result.outcome === 'notStarted') return []
  return result.outcome === 'started' ? [result.resourceId] : result.resourceIds
}
