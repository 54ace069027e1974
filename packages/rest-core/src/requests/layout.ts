import { z } from 'zod'
import { uidSchema } from './identity.ts'
import { LIMITS } from './limits.ts'
import { alwaysChecked, integerIn } from './rules.ts'

/** How a picture fills its place: 0 cropped (default), 1 whole, with bars. */
export type RenderMode = 0 | 1

/** One user's place on the canvas, in shares of its width and height (0 to 1). */
export interface LayoutRegion {
  /** Without it places are given in the order in which users join. */
  uid?: string
  /** Left edge. */
  x_axis: number
  /** Upper edge. */
  y_axis: number
  width: number
  height: number
  /** 0 transparent to 1 opaque (default). */
  alpha?: number
  render_mode?: RenderMode
}

/** What is shown of a user who has sent no video for more than 3.5 s. */
export interface UserBackground {
  uid: string
  /** JPG or BMP, at most 6 MB. */
  image_url: string
  render_mode?: RenderMode
}

/** How a composite recording arranges its users, at most 17 of them. */
export interface Layout {
  /** 0 floating (default), 1 grid, 2 vertical, 3 as `layoutConfig` says. */
  mixedVideoLayout?: 0 | 1 | 2 | 3
  /** For layout 2: who gets the large window. */
  maxResolutionUid?: string
  /** `#RRGGBB`, default `#000000`. */
  backgroundColor?: string
  backgroundImage?: string
  /** Overridden per uid by `backgroundConfig`. */
  defaultUserBackgroundImage?: string
  /** For layout 3 and only for it. */
  layoutConfig?: LayoutRegion[]
  backgroundConfig?: UserBackground[]
}

/** `transcodingConfig`: the picture of a composite recording. */
export type TranscodingConfig = Layout & {
  /** Pixels, default 360; at most 1920, and width times height at most 1920 × 1080. */
  width?: number
  /** Pixels, default 640. */
  height?: number
  /** 1, 7, 10, 15 (default), 24, 30 or 60. Agora silently takes 15 for any other. */
  fps?: FrameRate
  /** kbit/s, at most 6500, default 500. */
  bitrate?: number
}

export type FrameRate = 1 | 7 | 10 | 15 | 24 | 30 | 60

const share = z.number().min(0).max(1)
const renderMode = z.literal([0, 1], { error: 'must be 0 or 1' }).optional()
const imageUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' })

const regionSchema: z.ZodType<LayoutRegion> = z.strictObject({
  uid: uidSchema.optional(),
  x_axis: share,
  y_axis: share,
  width: share,
  height: share,
  alpha: share.optional(),
  render_mode: renderMode,
})

const layoutShape = {
  mixedVideoLayout: z.literal([0, 1, 2, 3], { error: 'must be 0, 1, 2 or 3' }).optional(),
  maxResolutionUid: uidSchema.optional(),
  backgroundColor: z
    .string()
    .regex(/^#[0-9A-Fa-f]{6}$/, { error: 'must be a colour like "#FF0000"' })
    .optional(),
  backgroundImage: imageUrl.optional(),
  defaultUserBackgroundImage: imageUrl.optional(),
  layoutConfig: z.array(regionSchema).min(1).max(LIMITS.layoutRegions.max).optional(),
  backgroundConfig: z
    .array(z.strictObject({ uid: uidSchema, image_url: imageUrl, render_mode: renderMode }))
    .optional(),
}

const layoutRule = <Value extends Layout>(schema: z.ZodType<Value>): z.ZodType<Value> =>
  schema.refine(
    ({ mixedVideoLayout, layoutConfig }) => (mixedVideoLayout === 3) === (layoutConfig !== undefined),
    {
      path: ['layoutConfig'],
      error: 'goes with mixedVideoLayout 3: neither without the other',
      ...alwaysChecked,
    },
  )

export const layoutSchema: z.ZodType<Layout> = layoutRule(z.strictObject(layoutShape))

const FRAME_RATES = [1, 7, 10, 15, 24, 30, 60] as const

const CANVAS = { width: 360, height: 640 }

/** A missing side has Agora's default. */
const pixels = ({ width = CANVAS.width, height = CANVAS.height }: TranscodingConfig): number => width * height

export const transcodingConfigSchema: z.ZodType<TranscodingConfig> = layoutRule<TranscodingConfig>(
  z.strictObject({
    ...layoutShape,
    width: integerIn(LIMITS.transcodingSide).optional(),
    height: integerIn(LIMITS.transcodingSide).optional(),
    fps: z.literal(FRAME_RATES, { error: `must be one of ${FRAME_RATES.join(', ')}` }).optional(),
    bitrate: integerIn(LIMITS.transcodingBitrate).optional(),
  }),
).refine((config) => !(pixels(config) > LIMITS.videoPixels.max), {
  path: ['height'],
  error: 'times width must be at most 1920 × 1080',
  ...alwaysChecked,
})
