import type { OpenAPIHono } from '@hono/zod-openapi'
import { Hono } from 'hono'
import type { Described } from '../docs/described.ts'
import { docsRoutes } from '../docs/docsRoutes.ts'
import { openApiDocument } from './openApiDocument.ts'

const BEARER = {
  type: 'http',
  scheme: 'bearer',
  description:
    'A key from `STILLROLLING_API_KEYS`, or one that was made with `POST /v1/keys`. While there is none at all, requests from the machine of the reporter need no key.',
} as const

/** `GET /openapi.json` and `GET /docs`, which describe the other routes of `api`. They need no key. */
export const openApiRoutes = (api: OpenAPIHono): Hono => {
  api.openAPIRegistry.registerComponent('securitySchemes', 'bearer', BEARER)
  const app = new Hono()
  let json: string | undefined
  const read = (): string => {
    json ??= JSON.stringify(openApiDocument(api))
    return json
  }
  app.get('/openapi.json', (c) => c.body(read(), 200, { 'content-type': 'application/json' }))
  app.route(
    '/',
    docsRoutes(() => JSON.parse(read()) as Described),
  )
  return app
}
