import { z } from '@hono/zod-openapi'
import { iso, isoOrNull } from '../../isoTime.ts'
import { type ApiKey, KEY_SCOPES, type KeyScope } from '../../store/types.ts'

/** An API key as the API shows it. */
export interface KeyView {
  id: string
  name: string
  scope: KeyScope
  createdAt: string
  /** Of a key in use, at most a minute ago; null if it was never used. */
  lastUsedAt: string | null
  /** Since when it is refused; null while it is accepted. */
  revokedAt: string | null
}

const fields = {
  id: z.string(),
  name: z.string(),
  scope: z.enum(KEY_SCOPES),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
}

export const keyViewSchema: z.ZodType<KeyView> = z.object(fields).openapi('Key')

/** Only once, when the key has been made. */
export const newKeySchema: z.ZodType<KeyView & { secret: string }> = z
  .object({ ...fields, secret: z.string() })
  .openapi('NewKey')

export const viewKey = ({ id, name, scope, createdAt, lastUsedAt, revokedAt }: ApiKey): KeyView => ({
  ...{ id, name, scope },
  createdAt: iso(createdAt),
  lastUsedAt: isoOrNull(lastUsedAt),
  revokedAt: isoOrNull(revokedAt),
})
