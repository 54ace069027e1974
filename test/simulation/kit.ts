import { type CloudRecording, createQuota } from '@stillrolling/rest-core'
import type { StoreOperations } from '../../packages/reporter/src/store/store.ts'
import { decide } from '../../packages/reporter/src/supervisor/decide.ts'

/** The parts that a mutation can replace with a broken one. */
export interface Kit {
  decide: typeof decide
  operations(operations: StoreOperations): StoreOperations
  /** Those of the SQL store on which a run is repeated. */
  sqlOperations(operations: StoreOperations): StoreOperations
  quota: typeof createQuota
  client(client: CloudRecording): CloudRecording
}

export const REAL_KIT: Kit = {
  decide,
  operations: (operations) => operations,
  sqlOperations: (operations) => operations,
  quota: createQuota,
  client: (client) => client,
}
