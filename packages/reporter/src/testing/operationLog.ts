import type { StoreOperations } from '../store/store.ts'

/** One operation on a store, and what came of it. */
export interface LoggedOperation {
  name: keyof StoreOperations
  args: readonly unknown[]
  result: Promise<unknown>
}

/** Operations that took effect together; a transaction that was rolled back is not committed. */
export interface LoggedGroup {
  operations: LoggedOperation[]
  isTransaction: boolean
  committed: boolean
}

/** Everything that happened to a store, in order. */
export type OperationLog = LoggedGroup[]

/** The same operations. Each is logged in the moment in which it takes effect. */
export const logOperations = (
  operations: StoreOperations,
  to: { push(operation: LoggedOperation): void },
): StoreOperations => {
  const logged = Object.entries(operations).map(([name, operation]) => [
    name,
    (...args: unknown[]) => {
      const result = (operation as (...args: unknown[]) => Promise<unknown>)(...args)
      // The caller changes its heartbeats afterwards.
      const kept = name === 'saveLastHeartbeats' ? structuredClone(args) : args
      to.push({ name: name as keyof StoreOperations, args: kept, result })
      return result
    },
  ])
  return Object.fromEntries(logged)
}
