/** The calls of the REST API that the emulator carries out. */
export type Call = 'acquire' | 'start' | 'query' | 'update' | 'updateLayout' | 'stop'

/** A REST call that arrived. Storage keys in `body` are replaced by `***`. */
export interface CallView {
  /** Counts from 1. */
  number: number
  /** ISO 8601, with milliseconds. */
  at: string
  /** Null for a route that Agora does not have. */
  call: Call | 'ncsIp' | null
  method: string
  path: string
  cname: string | null
  uid: string | null
  sid: string | null
  body: unknown
  /** HTTP status of the answer; null before the answer, and if a fault lost it. */
  status: number | null
  /** Body of the answer; null whenever `status` is. */
  answer: unknown
  /** What is wrong with a request that was refused, because Agora's reasons say little; null if nothing is known. */
  detail: string | null
  /** Id of the fault that was applied; null if none was. */
  fault: string | null
}
