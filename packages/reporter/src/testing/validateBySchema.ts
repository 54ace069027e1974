import { Ajv2020 } from 'ajv/dist/2020.js'

/** An error for each part of a value that a schema of the OpenAPI document does not allow. */
export type ValidateBySchema = (pointer: string, value: unknown) => string[]

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/**
 * Validates by the schemas of an OpenAPI document, independently of the schemas that it was made from.
 * @example
 * validate('#/components/schemas/Recording', value)
 */
export const createValidateBySchema = (document: object): ValidateBySchema => {
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  ajv.addFormat('date-time', DATE_TIME)
  ajv.addFormat('uri', (text) => URL.canParse(text))
  ajv.addFormat('binary', true)
  ajv.addSchema(document, 'openapi.json')
  return (pointer, value) => {
    const validate = ajv.compile({ $ref: `openapi.json${pointer}` })
    validate(value)
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    )
  }
}

/** A pointer into the document. */
export const pointerTo = (...names: readonly string[]): string =>
  `#/${names.map((name) => encodeURIComponent(name.replaceAll('~', '~0').replaceAll('/', '~1'))).join('/')}`
