import {
  MAX_CHECK_WORDS,
  MAX_REPORT_BYTES,
  MAX_REPORT_CHECKS,
  type Report,
  type ReportAnswer,
} from '@stillrolling/probe/types'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { cors } from 'hono/cors'
import { z } from 'zod'
import { isCurrent } from '../supervisor/recording.ts'
import { type AttemptId, verifyToken } from '../token.ts'
import type { AppContext } from './context.ts'
import { fieldErrors, Problem } from './errors.ts'

const check = z.object({
  name: z.string().max(MAX_CHECK_WORDS),
  ok: z.boolean(),
  detail: z.string().max(MAX_CHECK_WORDS).optional(),
  overdue: z.boolean().optional(),
})
const warning = z.object({ name: z.string().max(MAX_CHECK_WORDS), detail: z.string().max(MAX_CHECK_WORDS) })

/** Every field is checked: whoever knows a page's URL can post here. Unknown fields are left out. */
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
  // A page brings its own probe along, perhaps an older one.
  failed: z.number().min(0).default(0),
  // 1: of one that does not say nobody knows that nothing was painted.
  frames: z.number().min(0).default(1),
  warnings: z.array(warning).max(MAX_REPORT_CHECKS).default([]),
  missed: z.number().min(0),
  note: z.unknown().optional(),
})

/** `POST /v1/reports`: what recorded pages say. Answered 200 only when it is kept. */
export const reportRoutes = ({ engine, statistics, config, log }: AppContext): Hono => {
  const app = new Hono()
  const path = '/v1/reports'

  app.use(path, cors({ origin: '*', allowMethods: ['POST'], exposeHeaders: ['Retry-After'], maxAge: 86_400 }))
  app.use(
    path,
    bodyLimit({
      maxSize: MAX_REPORT_BYTES,
      onError: () => {
        throw new Problem(413, `A report has at most ${MAX_REPORT_BYTES} bytes`)
      },
    }),
  )

  /** The page sends a report again that the store does not take. */
  const kept = async <T>({ recordingId }: AttemptId, job: () => Promise<T>): Promise<T> => {
    try {
      return await job()
    } catch (err) {
      log.error({ err, recordingId }, 'a report could not be kept')
      throw new Problem(503, 'The report could not be kept: send it again', {
        headers: { 'retry-after': '2' },
      })
    }
  }

  app.post(path, async (c) => {
    // Sent as text/plain, so that browsers ask no permission first; whatever the type, it must be JSON.
    const report = parseReport(await c.req.text())
    const id = verifyToken(report.token, config.secrets)
    if (!id) throw new Problem(401, 'The token was not made by this reporter')
    const failing = [...report.checks, ...report.media]
      .filter(({ ok }) => !ok)
      .map(({ name, detail, overdue }) => ({
        name,
        ...(detail !== undefined && { detail }),
        ...(overdue === true && { overdue }),
      }))

    const before = await kept(id, () => engine.peek(id.recordingId))
    const known = before?.recording.attempts[id.attempt - 1]
    if (!before || !known) throw new Problem(410, 'This recording is over')
    if (report.sid !== undefined && report.sid !== known.sid) {
      throw new Problem(409, "This sid is not the attempt's: leave it out, and take it from the next answer")
    }
    const { type, page, seq, warnings } = report
    const told = { type, page, seq, failing, warnings }
    const stored = await kept(id, () => engine.handleReport(id.recordingId, id.attempt, told))
    const attempt = stored?.recording.attempts[id.attempt - 1]
    if (!stored || !attempt || !isCurrent(stored.recording, id.attempt)) {
      throw new Problem(410, 'Another attempt records now, or the recording is over: be silent')
    }
    statistics.count(id.recordingId, attempt, report)
    const { request, recording } = stored
    const answer: ReportAnswer = {
      sid: attempt.sid,
      attempt: attempt.number,
      current: true,
      interval: recording.policy.heartbeatInterval,
      expect: request.expect,
      media: request.media,
    }
    return c.json(answer, 200)
  })
  return app
}

const parseReport = (text: string): Report => {
  const parsed = reportSchema.safeParse(parseJson(text))
  if (parsed.success) return parsed.data
  const errors = fieldErrors(parsed.error)
  throw new Problem(
    400,
    `Not a report of version 1: ${errors.map(({ path, message }) => `${path || 'body'} ${message}`).join('; ')}`,
    { errors },
  )
}

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    throw new Problem(400, 'The report is not valid JSON')
  }
}
