import { z } from 'zod'
import { type Checked, check, type Identity, identity, MAX_PIXELS, uid } from './common.ts'

export type Layout = Record<string, unknown>

export interface LayoutRequest extends Identity {
  clientRequest: Layout
}

const MAX_REGIONS = 17
const DEFAULT_WIDTH = 360
const DEFAULT_HEIGHT = 640
const CUSTOM_LAYOUT = 3

const fraction = z.number().min(0).max(1)
const renderMode = z.literal([0, 1], 'must be 0 or 1').optional()
const imageUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' })

const region = z.looseObject({
  uid: uid.optional(),
  x_axis: fraction,
  y_axis: fraction,
  width: fraction,
  height: fraction,
  alpha: fraction.optional(),
  render_mode: renderMode,
})

// https://docs.agora.io/en/api-reference/api-ref/cloud-recording/update-layout
const layout = z.looseObject({
  mixedVideoLayout: z.literal([0, 1, 2, 3], 'must be 0, 1, 2 or 3').optional(),
  maxResolutionUid: uid.optional(),
  backgroundColor: z
    .string()
    .regex(/^#[0-9A-Fa-f]{6}$/, 'must be a colour like "#FF0000"')
    .optional(),
  backgroundImage: imageUrl.optional(),
  defaultUserBackgroundImage: imageUrl.optional(),
  layoutConfig: z.array(region).min(1).max(MAX_REGIONS).optional(),
  backgroundConfig: z.array(z.looseObject({ uid, image_url: imageUrl, render_mode: renderMode })).optional(),
})

const needsRegions = ({ mixedVideoLayout, layoutConfig }: z.infer<typeof layout>): boolean =>
  mixedVideoLayout !== CUSTOM_LAYOUT || layoutConfig !== undefined

const REGIONS_MISSING = { path: ['layoutConfig'], message: 'is required with mixedVideoLayout 3' }

const side = z.int().min(1).max(1920)

/** `transcodingConfig` of start. */
export const transcodingConfig: z.ZodType<Layout> = layout
  .extend({
    width: side.optional(),
    height: side.optional(),
    fps: z.literal([1, 7, 10, 15, 24, 30, 60], 'must be 1, 7, 10, 15, 24, 30 or 60').optional(),
    bitrate: z.int().min(1).max(6500).optional(),
  })
  .refine(needsRegions, REGIONS_MISSING)
  .refine(({ width = DEFAULT_WIDTH, height = DEFAULT_HEIGHT }) => width * height <= MAX_PIXELS, {
    path: ['height'],
    message: `times width must be at most ${MAX_PIXELS}`,
  })

const layoutSchema: z.ZodType<LayoutRequest> = z.object({
  ...identity,
  clientRequest: layout.refine(needsRegions, REGIONS_MISSING),
})

export const checkLayout = (body: unknown): Checked<LayoutRequest> => check(layoutSchema, body)
