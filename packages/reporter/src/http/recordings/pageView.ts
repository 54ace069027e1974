import { z } from '@hono/zod-openapi'
import { expectationsSchema } from '../../expectationSchema.ts'
import type { PageRequest } from '../../pageRequest.ts'

/** What the API shows of a page's recording alone. */
export type PageFields = Pick<PageRequest, 'kind' | 'url' | 'expect' | 'media'>

export const pageFields: { [Name in keyof PageFields]: z.ZodType<PageFields[Name]> } = {
  kind: z.literal('page'),
  url: z.string(),
  expect: expectationsSchema,
  media: expectationsSchema,
}

export const viewPage = ({ kind, url, expect, media }: PageRequest): PageFields => ({
  kind,
  url,
  expect,
  media,
})
