import { createHash } from 'node:crypto'
import { type Notification, safeParseNotification, verifySignature } from '@stillrolling/rest-core'
import { Hono } from 'hono'
import type { AppContext } from './context.ts'
import { limitBody } from './limitBody.ts'
import { Problem } from './problem.ts'
import { taskNotification } from './taskNotification.ts'
import { userWhoJoined } from './userWhoJoined.ts'

/** Most notifications have a few KiB; file lists make them longer. */
const MAX_BYTES = 256 * 1024

const PATHS = ['/v1/notifications', '/v1/notifications/']

/**
 * `POST /v1/notifications`, which Agora's notification service calls. The signature covers the raw bytes. Every well
 * signed JSON object is answered 200 with JSON, even if it is repeated, late, in an odd form, or about a task of others
 * or another product of the console's webhook, because Agora sends it again otherwise.
 */
export const notificationRoutes = ({ engine, acceptances, config, log }: AppContext): Hono => {
  const app = new Hono()
  const limit = limitBody(MAX_BYTES, 'The notification')
  app.on('POST', PATHS, limit, async (c) => {
    if (config.notificationSecrets.length === 0) {
      throw new Problem(
        'notifications_off',
        'Notifications are off. To turn them on, set AGORA_NOTIFICATION_SECRET.',
      )
    }
    const body = new Uint8Array(await c.req.arrayBuffer())
    if (!verifySignature({ body, headers: c.req.raw.headers, secrets: config.notificationSecrets })) {
      acceptances.notifications.refused(
        'the signature is missing, or was not made with AGORA_NOTIFICATION_SECRET',
      )
      throw new Problem(
        'invalid_signature',
        "The signature is missing or wrong. Set AGORA_NOTIFICATION_SECRET to the secret shown in Agora's console.",
      )
    }
    acceptances.notifications.accepted()
    const notification = parse(body)
    if (notification === undefined) {
      acceptances.notifications.ignored('no event')
      log.warn('A well-signed notification has no eventType, and is ignored')
      return c.json({}, 200)
    }
    const { eventType } = notification
    if (notification.name === 'otherProduct') {
      const joined = userWhoJoined(notification)
      if (joined && (await engine.handleJoined(joined.channel, joined.uid))) return c.json({}, 200)
      const { productId } = notification
      acceptances.notifications.ignored('another product')
      log.debug({ productId, eventType }, 'A notification is about another product of Agora')
      return c.json({}, 200)
    }
    const { cname = '', uid = '', sid, sequence } = notification.payload
    const attempt = await engine.attemptOf({ cname, uid, sid })
    if (attempt === undefined) {
      acceptances.notifications.ignored('a task of others')
      log.debug({ eventType, sid }, 'A notification is about a task of others')
      return c.json({}, 200)
    }
    await engine.handle(
      attempt.recordingId,
      {
        type: 'notification',
        attempt: attempt.number,
        notification: taskNotification(notification, attempt.sid),
      },
      {
        notification: {
          noticeId: notification.noticeId ?? digestOf(notification),
          sid: attempt.sid,
          uid,
          eventType,
          sequence: sequence ?? null,
        },
      },
    )
    return c.json({}, 200)
  })
  return app
}

/** Undefined for an object that is no notification of any product. */
const parse = (body: Uint8Array): Notification | undefined => {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch {
    throw new Problem('malformed_notification', 'The notification is not valid JSON.')
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new Problem('malformed_notification', 'The notification is not a JSON object.')
  }
  const parsed = safeParseNotification(value)
  return parsed.success ? parsed.notification : undefined
}

/** In place of a missing `noticeId`: the same for each delivery, which differ in `notifyMs` only. */
const digestOf = ({ notifyMs: _, ...notification }: Notification): string =>
  `sha256:${createHash('sha256').update(JSON.stringify(notification)).digest('hex')}`
