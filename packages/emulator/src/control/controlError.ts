import type { z } from 'zod'

/** A field of a request to the control API that is not valid. */
export interface FieldError {
  /** Path of the field, such as `then.status`; empty for the whole body. */
  path: string
  message: string
}

/** A request to the control API that is refused; `status` is the HTTP status of the answer. */
export class ControlError extends Error {
  override name = 'ControlError'
  readonly status: 400 | 403 | 404 | 409
  /** The fields that are not valid; empty if the error is not about fields. */
  readonly fields: FieldError[]

  constructor(status: 400 | 403 | 404 | 409, message: string, fields: FieldError[] = []) {
    super(message)
    this.status = status
    this.fields = fields
  }
}

/** @throws {ControlError} 400, with the fields that are not valid */
export const parseControl = <Value>(schema: z.ZodType<Value>, value: unknown): Value => {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const fields = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  const list = fields.map(({ path, message }) => `${path || 'body'}: ${message}`).join('; ')
  throw new ControlError(400, `The request is not valid: ${list}`, fields)
}
