import type { Engine } from '../../runtime/engine.ts'
import type { StoredRecording } from '../../store/types.ts'
import { Problem } from '../problem.ts'

/** @throws {Problem} 404 if no recording has this id */
export const loadOr404 = async (engine: Pick<Engine, 'load'>, id: string): Promise<StoredRecording> => {
  const stored = await engine.load(id)
  if (!stored)
    throw new Problem(
      'recording_not_found',
      `No recording has the id "${id}". GET /v1/recordings lists all of them.`,
    )
  return stored
}
