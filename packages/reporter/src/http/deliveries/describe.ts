import { z } from '@hono/zod-openapi'
import type { Destination } from '../../destinations.ts'
import { Problem } from '../problem.ts'
import { problemContent } from '../recordings/describe.ts'

export const UNKNOWN_DELIVERY: ReturnType<typeof problemContent> = problemContent(
  'No delivery has this id',
  'delivery_not_found',
)
export const UNKNOWN_DESTINATION: ReturnType<typeof problemContent> = problemContent(
  'No destination has this name',
  'destination_not_found',
)
export const WRONG_BODY: ReturnType<typeof problemContent> = problemContent('A field of the body is wrong')
export const NOT_JSON: ReturnType<typeof problemContent> = problemContent('The body is not valid JSON')
export const WRONG_TYPE: ReturnType<typeof problemContent> = problemContent('The body is not sent as JSON')
export const TOO_LARGE: ReturnType<typeof problemContent> = problemContent('The body is larger than 64 KiB')

export const deliveryIdParameters: z.ZodObject<{ id: z.ZodString }> = z.object({
  id: z.string().openapi({ param: { name: 'id', in: 'path' }, example: 'dlv_0123456789abcdef' }),
})

/** @throws {Problem} 404 if no destination has this name */
export const destinationOr404 = (destinations: readonly Destination[], name: string): Destination => {
  const destination = destinations.find((each) => each.name === name)
  if (!destination) {
    throw new Problem(
      'destination_not_found',
      `DELIVERIES has no destination "${name}". GET /v1/destinations lists all of them.`,
    )
  }
  return destination
}
