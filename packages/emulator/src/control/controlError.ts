import type { z } from 'zod'

export interface FieldError {
  /** Where, as `then.status`; empty for the whole body. */
  path: string
  message: string
}

/** A request to the control API that cannot be done; `status` is what HTTP answers. */
export class ControlError extends Error {
  override name = 'ControlError'
  readonly status: 400 | 403 | 404 | 409
  readonly fields: FieldError[]

  constructor(status: 400 | 403 | 404 | 409, message: string, fields: FieldError[] = []) {
    super(message)
    this.status = status
    this.fields = fields
  }
}

/** @throws {ControlError} 400, naming the fields */
export const parseControl = <Value>(schema: z.ZodType<Value>, value: unknown): Value => {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  const list = fields.map(({ path, message }) => `${path || 'body'}: ${message}`).join('; ')
  throw new ControlError(400, `not valid: ${list}`, fields)
}
