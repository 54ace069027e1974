import type { StoreOperations } from '../store/store.ts'
import type { Time } from '../supervisor/recording.ts'
import type { EffectRow, Tables } from './memoryTables.ts'
import { put, remove, type UndoLog } from './undoLog.ts'

export type EffectOperation =
  | 'addEffects'
  | 'claimEffects'
  | 'completeEffect'
  | 'releaseEffect'
  | 'releaseClaims'

export const effectOperations = (tables: Tables, undo: UndoLog): Pick<StoreOperations, EffectOperation> => {
  const { effects } = tables
  const claim = (row: EffectRow, claimedUntil: Time): void =>
    put(effects, row.id, { ...row, claimedUntil }, undo)
  return {
    addEffects: async (recordingId, added) => {
      for (const effect of added) {
        const id = ++tables.lastId
        put(effects, id, { ...effect, id, recordingId, claimedUntil: 0 }, undo)
      }
    },
    claimEffects: async (now, { kinds, limit, leaseMs }) => {
      const unclaimed = [...effects.values()]
        .filter(({ kind, claimedUntil }) => claimedUntil <= now && kinds.includes(kind))
        .sort((one, other) => one.id - other.id)
        .slice(0, limit)
      for (const row of unclaimed) claim(row, now + leaseMs)
      return unclaimed.map(({ claimedUntil, ...effect }) => effect)
    },
    completeEffect: async (id) => remove(effects, id, undo),
    releaseEffect: async (id, at) => {
      const row = effects.get(id)
      if (row) claim(row, at)
    },
    releaseClaims: async () => {
      for (const row of effects.values()) claim(row, 0)
    },
  }
}

/** The ids of recordings that have effects to be carried out. */
export const recordingsWithEffects = (effects: Tables['effects']): Set<string> =>
  new Set([...effects.values()].map(({ recordingId }) => recordingId))
