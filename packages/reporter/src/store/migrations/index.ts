import type { Migration } from 'kysely/migration'
import { initial } from './001-initial.ts'
import { retention } from './002-retention.ts'
import { rollUps } from './003-roll-ups.ts'
import { lastHeartbeats } from './004-last-heartbeats.ts'
import { settledAttempts } from './005-settled-attempts.ts'
import { downtimes } from './006-downtimes.ts'
import { taskNames } from './007-task-names.ts'
import { deliveries } from './008-deliveries.ts'
import { filters } from './009-filters.ts'
import { apiKeys } from './010-api-keys.ts'
import { jobs } from './011-jobs.ts'
import { idempotencyKeys } from './012-idempotency-keys.ts'
import { orphans } from './014-orphans.ts'

/** Applied in the order of their names. Never change a released migration. */
export const migrations: Record<string, Migration> = {
  '001-initial': initial,
  '002-retention': retention,
  '003-roll-ups': rollUps,
  '004-last-heartbeats': lastHeartbeats,
  '005-settled-attempts': settledAttempts,
  '006-downtimes': downtimes,
  '007-task-names': taskNames,
  '008-deliveries': deliveries,
  '009-filters': filters,
  '010-api-keys': apiKeys,
  '011-jobs': jobs,
  '012-idempotency-keys': idempotencyKeys,
  '014-orphans': orphans,
}
