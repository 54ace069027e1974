import { type Refusal, unknownRecording } from '../../runtime/commands.ts'
import type { Engine } from '../../runtime/engine.ts'
import type { StoredRecording } from '../../store/types.ts'
import { Problem } from '../problem.ts'

export const problemOf = ({ code, detail }: Refusal): Problem => new Problem(code, detail)

/** @throws {Problem} 404 if no recording has this id */
export const loadOr404 = async (engine: Pick<Engine, 'load'>, id: string): Promise<StoredRecording> => {
  const stored = await engine.load(id)
  if (!stored) throw problemOf(unknownRecording(id))
  return stored
}
