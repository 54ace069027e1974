import { replayOnSql } from '../storeReplay/replayOnSql.ts'
import type { Invariant } from './context.ts'

/** The SQL store gives the same results as the store in memory, also after an upgrade that was rolled back. */
export const storesAgree: Invariant = ({ world, kit, breach }) => ({
  atEnd: async () => {
    const difference = world.storeLog && (await replayOnSql(world.storeLog, kit))
    if (difference) breach(difference)
  },
})
