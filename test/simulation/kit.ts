import { createQuota } from '@stillrolling/rest-core'
import type { StoreOperations } from '../../packages/reporter/src/store/store.ts'
import { decide } from '../../packages/reporter/src/supervisor/decide.ts'

/** What a run is made with: the real things, or with one of them broken on purpose. */
export interface Kit {
  decide: typeof decide
  verbs(verbs: StoreOperations): StoreOperations
  quota: typeof createQuota
}

export const ourKit: Kit = { decide, verbs: (verbs) => verbs, quota: createQuota }
