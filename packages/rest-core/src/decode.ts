import type { z } from 'zod'
import { numeric } from './answers/lenientSchemas.ts'
import type { CallName } from './call.ts'
import type { Evidence } from './classify.ts'
import type { Reply } from './exchange.ts'

/** A reply, read: the evidence for the classifier and, if it is one, the call's answer. */
export interface Decoded<Answer> {
  evidence: Evidence
  answer?: Answer
  reason?: string
  sid?: string
}

/** Reads a reply. Decides nothing: {@link classify} does. */
export const decode = <Answer>(call: CallName, reply: Reply, schema: z.ZodType<Answer>): Decoded<Answer> => {
  const { status, fault, retryAfter, json, unreadable } = reply
  const parsed = schema.safeParse(json)
  const code = codeOf(json?.code)
  const evidence = { call, status, fault, retryAfter, code, usable: parsed.success }
  const reason = textOf(json?.reason) ?? textOf(json?.message) ?? reasonOf(reply) ?? unreadable
  return {
    evidence,
    answer: parsed.data,
    reason: reason ?? (json && missing(parsed.error)),
    sid: textOf(json?.sid),
  }
}

/** 0 is how some of the service's answers say that nothing is wrong. */
const codeOf = (value: unknown): number | undefined => {
  // Most answers have none, and a failed parse costs more than the rest of the decoding.
  if (value === undefined) return undefined
  const code = numeric.safeParse(value).data
  return code === 0 ? undefined : code
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const reasonOf = ({ fault }: Reply): string | undefined =>
  fault === undefined ? undefined : FAULT_WORDS[fault]

const FAULT_WORDS = {
  dns: 'the host name did not resolve',
  refused: 'no connection',
  tls: 'TLS failed',
  reset: 'the connection broke before the answer',
  timeout: 'no whole answer within the time-out',
  truncated: 'the body broke off',
  aborted: undefined,
  other: 'the request failed',
} as const

const missing = (error: z.ZodError | undefined): string | undefined => {
  const field = error?.issues[0]?.path.join('.')
  return field === undefined ? undefined : `the answer lacks ${field}`
}
