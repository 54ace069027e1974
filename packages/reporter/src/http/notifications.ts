import { type Notification, safeParseNotification, verifySignature } from '@stillrolling/rest-core'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import type { TaskNotification } from '../supervisor/signal.ts'
import type { AppContext } from './context.ts'
import { Problem } from './problem.ts'

/** Most notifications have a few KiB; file lists make them longer. */
const MAX_BYTES = 256 * 1024

/**
 * `POST /v1/notifications`, which Agora's notification service calls. The signature covers the raw bytes. Every
 * notification that is well signed and well formed is answered 200 with JSON, even if it is repeated, late or about
 * a task of others, because Agora sends it again otherwise.
 */
export const notificationRoutes = ({ engine, acceptances, config, log }: AppContext): Hono => {
  const app = new Hono()
  const path = '/v1/notifications'
  app.use(
    path,
    bodyLimit({
      maxSize: MAX_BYTES,
      onError: () => {
        throw new Problem(413, `The notification exceeds the limit of ${MAX_BYTES} bytes.`)
      },
    }),
  )
  app.post(path, async (c) => {
    if (config.notificationSecrets.length === 0) {
      throw new Problem(404, 'Notifications are off. To turn them on, set AGORA_NOTIFICATION_SECRET.')
    }
    const body = new Uint8Array(await c.req.arrayBuffer())
    if (!verifySignature({ body, headers: c.req.raw.headers, secrets: config.notificationSecrets })) {
      acceptances.notifications.refused(
        'the signature is missing, or was not made with AGORA_NOTIFICATION_SECRET',
      )
      throw new Problem(
        401,
        "The signature is missing or wrong. Set AGORA_NOTIFICATION_SECRET to the secret shown in Agora's console.",
      )
    }
    acceptances.notifications.accepted()
    const notification = parse(body)
    const { cname, uid, sid, sequence } = notification.payload
    const attempt = cname && uid && sid ? await engine.attemptOf({ cname, uid, sid }) : undefined
    if (!attempt || !sid || !uid) {
      log.debug({ eventType: notification.eventType, sid }, 'A notification is about a task of others')
      return c.json({}, 200)
    }
    await engine.handle(
      attempt.recordingId,
      { type: 'notification', attempt: attempt.number, notification: taskNotification(notification, sid) },
      {
        notification: {
          noticeId: notification.noticeId,
          sid,
          uid,
          eventType: notification.eventType,
          sequence: sequence ?? null,
        },
      },
    )
    return c.json({}, 200)
  })
  return app
}

const parse = (body: Uint8Array): Notification => {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new Problem(400, 'The notification is not valid JSON.')
  }
  const parsed = safeParseNotification(value)
  if (!parsed.success) throw new Problem(400, parsed.error.message)
  return parsed.notification
}

/** The fields for the code and the text of an event differ by event. A field of the wrong type counts as absent. */
const detailsSchema = z.looseObject({
  code: z.number().optional().catch(undefined),
  exitStatus: z.number().optional().catch(undefined),
  errorCode: z.number().optional().catch(undefined),
  errorLevel: z.number().optional().catch(undefined),
  errorMsg: z.string().optional().catch(undefined),
  newUid: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
  details: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  limitType: z.string().optional().catch(undefined),
  fileList: z
    .array(z.looseObject({ fileName: z.string() }))
    .optional()
    .catch(undefined),
})

const taskNotification = ({ eventType, payload }: Notification, sid: string): TaskNotification => {
  const details = detailsSchema.parse(payload.details)
  return {
    eventType,
    sid,
    uid: payload.uid,
    sequence: payload.sequence,
    code: details.code ?? details.exitStatus ?? details.errorCode,
    errorLevel: details.errorLevel,
    newUid: details.newUid,
    detail: details.limitType ?? details.reason ?? details.message ?? details.details ?? details.errorMsg,
    files: (details.fileList ?? []).map(({ fileName }) => fileName),
  }
}
