import type { OpenAPIHono } from '@hono/zod-openapi'
import { Hono } from 'hono'
import { openApiDocument } from './openApiDocument.ts'

const BEARER = {
  type: 'http',
  scheme: 'bearer',
  description:
    'A key from `STILLROLLING_API_KEYS`. If none is configured, requests from the machine of the reporter need no key.',
} as const

/** `GET /openapi.json`, which describes the other routes of `api`. It needs no key. */
export const openApiRoutes = (api: OpenAPIHono): Hono => {
  api.openAPIRegistry.registerComponent('securitySchemes', 'bearer', BEARER)
  const app = new Hono()
  let json: string | undefined
  app.get('/openapi.json', (c) => {
    json ??= JSON.stringify(openApiDocument(api))
    return c.body(json, 200, { 'content-type': 'application/json' })
  })
  return app
}
