import type { CloudRecording } from '../cloudRecording.ts'
import { type StartRecordingRequest, type StartRecordingResult, startRecording } from './startRecording.ts'

export interface RedundantResult {
  first: StartRecordingResult
  second: StartRecordingResult
}

/**
 * Records the same cname twice, in different data centres: the second acquire excludes every resource on which the
 * first task may run. Agora bills both. The second is started whatever the outcome of the first.
 *
 * @see https://docs.agora.io/en/cloud-recording/best-practices/integration-best-practices multi-channel task assurance
 * @example
 * const { first, second } = await startRedundantRecording(client, request, { ...request, uid: '900002' })
 * first.outcome // => 'started'
 * second.outcome // => 'started'
 *
 * @throws RangeError before anything is sent, if the uids are the same or the cnames differ: with the same uid, Agora
 * would refuse the second start or end the first recording
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
