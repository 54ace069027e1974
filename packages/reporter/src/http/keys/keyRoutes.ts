import { randomBytes } from 'node:crypto'
import { createRoute, type OpenAPIHono, z } from '@hono/zod-openapi'
import { type ApiKey, KEY_SCOPES, type KeyScope } from '../../store/types.ts'
import { callerOf, hashOfKey } from '../auth.ts'
import type { AppContext } from '../context.ts'
import { NOT_JSON, TOO_LARGE, WRONG_BODY, WRONG_TYPE } from '../deliveries/describe.ts'
import { Problem } from '../problem.ts'
import {
  createRouter,
  jsonContent,
  NO_QUERY,
  problemContent,
  SECURITY,
  UNAUTHORIZED,
  WRONG_QUERY,
} from '../recordings/describe.ts'
import type { KeyRing } from './keyRing.ts'
import { keyViewSchema, newKeySchema, viewKey } from './keyView.ts'

interface KeyRequest {
  name: string
  scope: KeyScope
}

const keyRequestSchema: z.ZodType<KeyRequest> = z
  .strictObject({
    name: z
      .string()
      .min(1)
      .max(64)
      .refine((name) => /^[^\p{C}\p{Zl}\p{Zp}]*$/u.test(name), { error: 'must be one line of visible text' })
      .openapi({ description: 'For people: which program has the key' }),
    scope: z.enum(KEY_SCOPES).openapi({
      description:
        '`read` may get everything but keys; `write` may also start, change and stop recordings; `admin` may do everything',
    }),
  })
  .openapi('KeyRequest')

const list = createRoute({
  method: 'get',
  path: '/v1/keys',
  operationId: 'listKeys',
  tags: ['Keys'],
  summary: 'List the API keys',
  description:
    'Those that were made over the API, the oldest first, and revoked ones as long as `RETENTION_DAYS` say. Their secrets are not stored. Those of the configuration are not listed.',
  security: SECURITY,
  request: { query: NO_QUERY },
  responses: {
    200: { ...jsonContent(z.object({ items: z.array(keyViewSchema) })), description: 'All of them' },
    401: UNAUTHORIZED,
    422: WRONG_QUERY,
  },
})

const create = createRoute({
  method: 'post',
  path: '/v1/keys',
  operationId: 'createKey',
  tags: ['Keys'],
  summary: 'Make an API key',
  description:
    'The answer has its `secret`, which is sent as `Authorization: Bearer <secret>` and shown only once. Once there is a key, requests of the machine of the reporter need one as well.',
  security: SECURITY,
  request: { query: NO_QUERY, body: { ...jsonContent(keyRequestSchema), required: true } },
  responses: {
    201: { ...jsonContent(newKeySchema), description: 'The key, with its secret' },
    400: NOT_JSON,
    401: UNAUTHORIZED,
    409: problemContent('It would be the only key, and has not the scope `admin`', 'admin_key_needed'),
    413: TOO_LARGE,
    415: WRONG_TYPE,
    422: WRONG_BODY,
  },
})

const revoke = createRoute({
  method: 'delete',
  path: '/v1/keys/{id}',
  operationId: 'revokeKey',
  tags: ['Keys'],
  summary: 'Revoke an API key',
  description:
    'Requests with it are answered 401 from then on, by another process on the same database within 5 seconds. Idempotent.',
  security: SECURITY,
  request: {
    params: z.object({
      id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'key_0123456789abcdef' }),
    }),
    query: NO_QUERY,
  },
  responses: {
    200: { ...jsonContent(keyViewSchema), description: 'The key, which is revoked' },
    401: UNAUTHORIZED,
    404: problemContent('No key has this id', 'key_not_found'),
    409: problemContent('It is the last key with the scope `admin`', 'admin_key_needed'),
    422: WRONG_QUERY,
  },
})

/** `/v1/keys`: who may call the API. */
export const keyRoutes = (context: AppContext, ring: KeyRing): OpenAPIHono => {
  const { store, clock, config, log } = context
  const app = createRouter()
  const leavesAdmin = (keys: readonly ApiKey[]): boolean => config.apiKeys.length > 0 || keys.some(isAdmin)

  app.openapi(list, async (c) => c.json({ items: (await store.readApiKeys()).map(viewKey) }, 200))

  app.openapi(create, async (c) => {
    const { name, scope } = c.req.valid('json') as KeyRequest
    const secret = `sr_${randomBytes(32).toString('base64url')}`
    const id = `key_${randomBytes(8).toString('hex')}`
    const key: ApiKey = { id, name, scope, createdAt: clock.now(), lastUsedAt: null, revokedAt: null }
    await store.transaction(async (operations) => {
      if (!leavesAdmin([...(await operations.readApiKeys()), key])) {
        throw new Problem(
          'admin_key_needed',
          'The first key must have the scope "admin": from then on every request needs a key, and no other scope can make keys.',
        )
      }
      await operations.insertApiKey(key, hashOfKey(secret))
    })
    ring.changed()
    log.info({ keyId: id, name, scope, by: callerOf(c).name }, 'An API key was made')
    return c.json({ ...viewKey(key), secret }, 201, { 'cache-control': 'no-store' })
  })

  app.openapi(revoke, async (c) => {
    const { id } = c.req.valid('param')
    const now = clock.now()
    const revoked = await store.transaction(async (operations): Promise<ApiKey> => {
      const keys = await operations.readApiKeys()
      const key = keys.find((each) => each.id === id)
      if (!key) {
        throw new Problem('key_not_found', `No key has the id "${id}". GET /v1/keys lists all of them.`)
      }
      if (isAdmin(key) && !leavesAdmin(keys.filter((each) => each !== key))) {
        throw new Problem(
          'admin_key_needed',
          `The key "${key.name}" is the last one with the scope "admin". Make another one first, or set STILLROLLING_API_KEYS.`,
        )
      }
      await operations.revokeApiKey(id, now)
      return { ...key, revokedAt: key.revokedAt ?? now }
    })
    ring.changed()
    log.info({ keyId: id, name: revoked.name, by: callerOf(c).name }, 'An API key was revoked')
    return c.json(viewKey(revoked), 200)
  })
  return app
}

const isAdmin = ({ scope, revokedAt }: ApiKey): boolean => scope === 'admin' && revokedAt === null
