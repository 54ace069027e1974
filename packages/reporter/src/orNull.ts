import { z } from 'zod'

/**
 * A schema's values, or null. In place of `nullable()`, whose null the OpenAPI generator drops where it refers to the schema by
 * its name.
 */
export const orNull = <Value>(schema: z.ZodType<Value>): z.ZodType<Value | null> =>
  z.union([schema, z.null()])
