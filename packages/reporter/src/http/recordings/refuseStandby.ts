import { standbyRefusal } from '../../runtime/commands.ts'
import { mainIdOf } from '../../standbyId.ts'
import { problemOf } from './loadOr404.ts'

/**
 * Commands go to a recording, and reach its standby with it.
 * @throws {Problem} 409 if the id is that of a standby
 */
export const refuseStandby = (id: string): void => {
  if (mainIdOf(id) !== undefined) throw problemOf(standbyRefusal(id))
}
