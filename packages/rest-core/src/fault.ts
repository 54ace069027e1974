/** Why there was no complete answer. */
export type FaultKind =
  /** The name did not resolve: nothing was sent. */
  | 'dns'
  /** No connection: refused, unreachable, or not made in time. Nothing was sent. */
  | 'refused'
  /** TLS failed (certificate, protocol): nothing was sent. */
  | 'tls'
  /** The connection was lost: the request may have been read. */
  | 'reset'
  /** No complete answer within the timeout: the request may have been read. */
  | 'timeout'
  /** The status arrived, but the body is incomplete. */
  | 'truncated'
  /** The caller's signal aborted. */
  | 'aborted'
  /** Anything else that `fetch` threw. */
  | 'other'

/** Faults that occur before the service can have read the request. */
export const NEVER_SENT: ReadonlySet<FaultKind> = new Set(['dns', 'refused', 'tls'])

const KIND_OF_CODE: Readonly<Record<string, FaultKind>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  EAI_NONAME: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'refused',
  ENETUNREACH: 'refused',
  EADDRNOTAVAIL: 'refused',
  UND_ERR_CONNECT_TIMEOUT: 'refused',
  ECONNRESET: 'reset',
  EPIPE: 'reset',
  UND_ERR_SOCKET: 'reset',
  ETIMEDOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
}

// OpenSSL's and Node's codes for a failed handshake; none of them can occur after the request was sent.
const TLS_CODE = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_SELF_SIGNED|SELF_SIGNED_|EPROTO)/

/**
 * Classifies what `fetch` threw by its code, or that of its causes: undici wraps the system's error in a `TypeError`,
 * and the errors of several addresses in an `AggregateError`.
 */
export const faultOf = (error: unknown): FaultKind => {
  for (let each: unknown = error, depth = 0; isObject(each) && depth < 8; each = each.cause, depth++) {
    const kind = faultOfOne(each)
    if (kind !== undefined) return kind
  }
  return 'other'
}

const faultOfOne = (error: Record<string, unknown>): FaultKind | undefined => {
  if (typeof error.code === 'string') {
    const kind = KIND_OF_CODE[error.code] ?? (TLS_CODE.test(error.code) ? 'tls' : undefined)
    if (kind !== undefined) return kind
  }
  if (error.name === 'TimeoutError') return 'timeout'
  if (error.name === 'AbortError') return 'aborted'
  return undefined
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null
