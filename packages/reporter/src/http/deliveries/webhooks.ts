import { type OpenAPIHono, z } from '@hono/zod-openapi'
import { DELIVERY_SCHEMAS } from '../../runtime/deliveries/deliveryBody.ts'
import { DELIVERY_TYPE_NAMES, DELIVERY_TYPES } from '../../runtime/deliveries/deliveryTypes.ts'
import { jsonContent } from '../recordings/describe.ts'

const headers = z.object({
  'webhook-id': z.string().openapi({ description: 'The same in every try' }),
  'webhook-timestamp': z.string().openapi({ description: 'Seconds since the epoch, of this try' }),
  'webhook-signature': z
    .string()
    .openapi({ description: '`v1,` and base64; two, separated by a space, during a rotation' }),
})

/** The section `webhooks` of the OpenAPI document: what a destination with the preset `standard` receives. */
export const registerWebhooks = ({ openAPIRegistry }: Pick<OpenAPIHono, 'openAPIRegistry'>): void => {
  for (const type of DELIVERY_TYPE_NAMES) {
    openAPIRegistry.registerWebhook({
      method: 'post',
      path: type,
      summary: DELIVERY_TYPES[type],
      request: { headers, body: { required: true, ...jsonContent(DELIVERY_SCHEMAS[type]) } },
      responses: {
        '2XX': { description: 'Delivered' },
        410: { description: 'It is not sent again' },
        '4XX': { description: 'It is sent again, unless the header `webhook-delivery` is `abort-message`' },
        '5XX': { description: 'It is sent again' },
      },
    })
  }
}
