import type { z } from 'zod'
import { number } from './answers/reader.ts'
import type { CallName } from './call.ts'
import type { CallObservation } from './classify.ts'
import type { RawAnswer } from './exchange.ts'

/** A decoded answer: the observation for the classifier and, if it is valid, the call's answer. */
export interface Decoded<Answer> {
  observation: CallObservation
  answer?: Answer
  reason?: string
  sid?: string
}

/** Decodes an answer without judging it, which {@link classify} does. */
export const decode = <Answer>(
  call: CallName,
  raw: RawAnswer,
  schema: z.ZodType<Answer>,
): Decoded<Answer> => {
  const { status, fault, retryAfter, json, unreadableReason: unreadable } = raw
  const parsed = schema.safeParse(json)
  const code = codeOf(json?.code)
  const text = textOf(json?.reason) ?? textOf(json?.message)
  const foreign = code === undefined && text === undefined
  const observation = { call, status, fault, retryAfter, code, foreign, reason: text, usable: parsed.success }
  const reason = text ?? reasonOf(raw) ?? unreadable
  return {
    observation,
    answer: parsed.data,
    reason: reason ?? (json && invalidField(parsed.error)),
    sid: textOf(json?.sid),
  }
}

/** The service's code, or undefined if there is none. Some successful answers have the code 0, which counts as none. */
const codeOf = (value: unknown): number | undefined => {
  const code = number(value).value
  return code === 0 ? undefined : code
}

const textOf = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const reasonOf = ({ fault }: RawAnswer): string | undefined =>
  fault === undefined ? undefined : FAULT_REASONS[fault]

const FAULT_REASONS = {
  dns: 'the host name did not resolve',
  refused: 'no connection',
  tls: 'TLS failed',
  reset: 'the connection was lost before the answer',
  timeout: 'no complete answer within the timeout',
  truncated: 'the body is incomplete',
  aborted: undefined,
  other: 'the request failed',
} as const

const invalidField = (error: z.ZodError | undefined): string | undefined => {
  const field = error?.issues[0]?.path.join('.')
  return field === undefined ? undefined : `the answer has no valid ${field}`
}
