import { mainIdOf } from '../../standbyId.ts'
import { Problem } from '../problem.ts'

/**
 * Commands go to a recording, and reach its standby with it.
 * @throws {Problem} 409 if the id is that of a standby
 */
export const refuseStandby = (id: string): void => {
  const mainId = mainIdOf(id)
  if (mainId === undefined) return
  throw new Problem(
    'standby_command',
    `"${id}" is the standby of the recording "${mainId}". Send the command to "${mainId}": both carry it out.`,
  )
}
