import type { AcquireRequest, CloudRecording } from '@stillrolling/rest-core'
import { mainIdOf, twinIdOf } from '../../standbyId.ts'
import { UnreadableRowError } from '../../store/errors.ts'
import type { Attempt } from '../../supervisor/recording.ts'
import type { EffectContext } from './context.ts'

/** A client for one start of a recording that has a twin. */
export interface ApartClient {
  agora: CloudRecording
  /** To be called when the resource has been stored, or will not be, and when the start has ended. */
  endTurn(): void
}

/**
 * Agora avoids the region of the resources that an acquire names, so it is given those of the twin. Twins acquire in turn,
 * and a turn lasts until its resource is stored: otherwise neither would know of the other's. A turn ends at the latest with
 * the call, after the client's deadline; between two tries of a start the twin may have its own.
 */
export const acquireApart = (
  recordingId: string,
  { agora, engine, takeTurn }: Pick<EffectContext, 'agora' | 'engine' | 'takeTurn'>,
): ApartClient => {
  let end = (): void => {}

  const acquire: CloudRecording['acquire'] = async (request, options) => {
    end = await takeTurn(mainIdOf(recordingId) ?? recordingId)
    try {
      return await agora.acquire(avoiding(request, await resourcesOf(twinIdOf(recordingId), engine)), options)
    } catch (error) {
      end()
      throw error
    }
  }

  return { agora: { ...agora, acquire }, endTurn: () => end() }
}

const avoiding = (request: AcquireRequest, excludeResourceIds: string[]): AcquireRequest =>
  excludeResourceIds.length === 0
    ? request
    : { ...request, clientRequest: { ...request.clientRequest, excludeResourceIds } }

/** A twin whose row cannot be read is not supervised: what it records is no reason not to record. */
const resourcesOf = async (id: string, engine: EffectContext['engine']): Promise<string[]> => {
  try {
    const stored = await engine.load(id)
    return (stored?.recording.attempts ?? []).filter(mayRecord).flatMap(allResourcesOf)
  } catch (error) {
    if (error instanceof UnreadableRowError) return []
    throw error
  }
}

/** Also one that is being started, or whose start may have gone through. What is being stopped needs no other region. */
const mayRecord = ({ state, postponed }: Attempt): boolean =>
  ['starting', 'current', 'candidate', 'orphaned'].includes(state) && !postponed

const allResourcesOf = ({ resourceId, otherResourceIds }: Attempt): string[] =>
  resourceId === null ? [] : [resourceId, ...otherResourceIds]
