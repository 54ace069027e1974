import {
  MAX_CHECK_LENGTH,
  MAX_REPORT_BYTES,
  MAX_REPORT_CHECKS,
  type Report,
  type ReportAnswer,
} from '@stillrolling/probe/types'
import { Hono } from 'hono'
import { cors } from 'hono/cors'
import { z } from 'zod'
import { fieldErrors, listFieldErrors } from '../fieldErrors.ts'
import type { RecordingRequest } from '../recordingRequest.ts'
import type { StoredRecording } from '../store/types.ts'
import { findAttempt, isSupervised } from '../supervisor/attempts.ts'
import type { Attempt, FailedCheck } from '../supervisor/recording.ts'
import { type AttemptId, claimedAttempt, verifyToken } from '../token.ts'
import { createClientAddress } from './clientAddress.ts'
import type { AppContext } from './context.ts'
import { limitBody } from './limitBody.ts'
import { Problem } from './problem.ts'
import { createReportLimiter } from './reportLimits.ts'
import { scrubErrorText } from './scrubErrorText.ts'

const check = z.object({
  name: z.string().max(MAX_CHECK_LENGTH),
  ok: z.boolean(),
  detail: z.string().max(MAX_CHECK_LENGTH).optional(),
  overdue: z.boolean().optional(),
})
const warning = z.object({ name: z.string().max(MAX_CHECK_LENGTH), detail: z.string().max(MAX_CHECK_LENGTH) })

/** Of a note as JSON in UTF-8, as the probe has it. */
const MAX_NOTE_BYTES = 1024

/** Every field is checked, because anyone who knows a page's URL can post here. Unknown fields are dropped. */
const reportSchema: z.ZodType<Report, unknown> = z.object({
  v: z.literal(1),
  token: z.string().max(200),
  sid: z.string().max(200).optional(),
  type: z.enum(['hello', 'loaded', 'heartbeat', 'bye']),
  page: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/),
  seq: z.int().min(1),
  at: z.number().min(0),
  checks: z.array(check).max(MAX_REPORT_CHECKS),
  media: z.array(check.extend({ time: z.number(), frames: z.number() })).max(MAX_REPORT_CHECKS),
  visible: z.boolean(),
  late: z.number(),
  errors: z.number().min(0),
  // A bundled probe may be older than the reporter, and may lack the fields with defaults.
  failed: z.number().min(0).default(0),
  // Text for a person, which no decision depends on: whatever it is, it does not cost the report.
  firstError: z.string().optional().catch(undefined),
  // 1, because a probe that does not report frames gives no evidence that nothing was painted.
  frames: z.number().min(0).default(1),
  warnings: z.array(warning).max(MAX_REPORT_CHECKS).default([]),
  missed: z.number().min(0),
  note: z.unknown().optional(),
})

/**
 * `POST /v1/reports`, which the probe calls. Answers 200 only if the report is stored. With `GET`, a reporter finds out
 * whether its public address leads here.
 */
export const reportRoutes = (context: AppContext): Hono => {
  const { engine, acceptances, publicUrl, statistics, config, log } = context
  const limiter = createReportLimiter(config.reportLimits, log)
  const notesAreSent = context.deliveries.outbox.isSent('page.note')
  const clientAddress = createClientAddress(config.trustedProxies)
  const app = new Hono()
  const path = '/v1/reports'

  app.use(path, cors({ origin: '*', allowMethods: ['POST'], exposeHeaders: ['Retry-After'], maxAge: 86_400 }))
  app.use(path, limitBody(MAX_REPORT_BYTES, 'The report'))

  /** @throws {Problem} 503 with Retry-After (2 s) if the store fails; the probe then sends the report again */
  const storeOr503 = async <T>({ recordingId }: AttemptId, job: () => Promise<T>): Promise<T> => {
    try {
      return await job()
    } catch (err) {
      log.error({ err, recordingId }, 'A report could not be stored')
      throw new Problem('report_not_stored', 'The report could not be stored. Send it again.', {
        headers: { 'retry-after': '2' },
      })
    }
  }

  /** Anyone may have sent the token, so the recording that it names learns nothing but that it was refused. */
  const noteTokenRefusal = async (token: string): Promise<void> => {
    acceptances.tokens.refused('the token was not signed with a secret in STILLROLLING_SECRET')
    const claimed = claimedAttempt(token)
    if (!claimed) return
    const { recordingId, attempt } = claimed
    try {
      const stored = await engine.peek(recordingId)
      const known = findAttempt(stored?.recording, attempt)
      if (
        !stored ||
        known?.nonce !== claimed.nonce ||
        known.tokenRefusedAt !== null ||
        !isSupervised(stored.recording, attempt)
      )
        return
      await engine.handle(recordingId, { type: 'tokenRefused', attempt })
    } catch (err) {
      log.error({ err, recordingId }, 'A refused token could not be noted on the timeline')
    }
  }

  app.get(path, (c) => c.json(publicUrl.identity, 200, { 'cache-control': 'no-store' }))

  app.post(path, async (c) => {
    // The probe sends text/plain, which needs no CORS preflight. The body must be JSON whatever its type.
    const report = parseReport(await c.req.text())
    const id = verifyToken(report.token, config.secrets)
    if (!id) {
      await limiter.takeRefusal(clientAddress(c))
      await noteTokenRefusal(report.token)
      throw new Problem('invalid_token', 'The token was not signed with a secret in STILLROLLING_SECRET.')
    }
    acceptances.tokens.accepted()
    await limiter.takeReport(id)
    const before = await storeOr503(id, () => engine.peek(id.recordingId))
    const known = findAttempt(before?.recording, id.attempt)
    // An attempt with another nonce has the number of one in an earlier life of the recording's id.
    if (!before || known?.nonce !== id.nonce) {
      throw new Problem('unknown_attempt', 'This reporter has no such attempt. Stop sending reports.')
    }
    if (report.sid !== undefined && report.sid !== known.sid) {
      throw new Problem(
        'wrong_sid',
        'The sid is not that of the attempt. Leave it out, and take it from the next response.',
      )
    }
    if (isOfNewDocument(report, known)) await limiter.takeDocument(id)
    const { type, page, seq, warnings, errors } = report
    const firstError = newFirstError(report, known)
    const note = notesAreSent ? noteIn(report) : undefined
    if (note !== undefined && note !== known.page?.note) await limiter.takeNote(id)
    const pageReport = { type, page, seq, failing: failedChecks(report), warnings, errors, firstError, note }
    const stored = await storeOr503(id, () => engine.handleReport(id.recordingId, id.attempt, pageReport))
    const attempt = findAttempt(stored?.recording, id.attempt)
    if (!stored || !attempt || !isSupervised(stored.recording, id.attempt)) {
      throw new Problem(
        'attempt_over',
        'This attempt has been superseded or the recording has ended. Stop sending reports.',
      )
    }
    statistics.count(id.recordingId, attempt, report)
    return c.json(answerFor(stored, attempt), 200)
  })
  return app
}

const isOfNewDocument = ({ page, type }: Report, { page: known, earlierPages }: Attempt): boolean =>
  page !== known?.id && type !== 'bye' && !earlierPages.includes(page)

/** A document's first error comes with all its reports from then on, and is needed once. */
const newFirstError = ({ page, firstError, token }: Report, { page: known }: Attempt): string | undefined => {
  const isKnown = known?.id === page && known.firstError !== undefined
  return firstError === undefined || isKnown ? undefined : scrubErrorText(firstError, token)
}

/** As JSON. One that is too large is none: whatever the page's own data is, it does not cost the report. */
const noteIn = ({ note }: Report): string | undefined => {
  const json = note === undefined ? undefined : JSON.stringify(note)
  return json !== undefined && Buffer.byteLength(json) <= MAX_NOTE_BYTES ? json : undefined
}

const failedChecks = ({ checks, media }: Report): FailedCheck[] =>
  [...checks, ...media]
    .filter(({ ok }) => !ok)
    .map(({ name, detail, overdue }) => ({
      name,
      ...(detail !== undefined && { detail }),
      ...(overdue === true && { overdue }),
    }))

const answerFor = ({ request, recording }: StoredRecording, attempt: Attempt): ReportAnswer => ({
  sid: attempt.sid,
  attempt: attempt.number,
  current: true,
  interval: recording.policy.heartbeatInterval,
  ...expectationsOf(request),
})

/** Only pages have expectations, and tokens for reports. */
const expectationsOf = (request: RecordingRequest): Pick<ReportAnswer, 'expect' | 'media'> => {
  const { expect, media } = request.kind === 'page' ? request : { expect: [], media: [] }
  return { expect, media }
}

const parseReport = (text: string): Report => {
  const parsed = reportSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const errors = fieldErrors(parsed.error)
  throw new Problem('malformed_report', `This is not a report of version 1: ${listFieldErrors(errors)}`, {
    errors,
  })
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem('malformed_report', 'The report is not valid JSON.')
  }
}
