import type { Migration } from 'kysely/migration'
import { initial } from './001-initial.ts'
import { retention } from './002-retention.ts'
import { rollUps } from './003-roll-ups.ts'

/** In order of their names; a released migration is never changed. */
export const migrations: Record<string, Migration> = {
  '001-initial': initial,
  '002-retention': retention,
  '003-roll-ups': rollUps,
}
