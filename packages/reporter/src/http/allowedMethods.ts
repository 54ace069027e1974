import type { OpenAPIHono } from '@hono/zod-openapi'

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** The methods that a route answers at this path; empty if there is no such route. `GET` comes with `HEAD`. */
export const allowedMethods = ({ router }: Pick<OpenAPIHono, 'router'>, path: string): string[] =>
  METHODS.filter((method) =>
    // Middleware is for all methods.
    router.match(method, path)[0].some(([[, route]]) => route.method !== 'ALL'),
  ).flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method]))
