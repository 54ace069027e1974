import { z } from 'zod'
import { uidSchema } from './identity.ts'
import { LIMITS } from './limits.ts'
import { alwaysChecked, integerIn, integerOf } from './rules.ts'

/** How a picture fills its region: 0 cropped (default), 1 whole, with bars. */
export type RenderMode = 0 | 1

/** One user's region of the canvas, in fractions of its width and height (0 to 1). */
export interface LayoutRegion {
  /** Without it Agora assigns regions in the order in which users join. */
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

/** Shown in place of a user who has sent no video for more than 3.5 s. */
export interface UserBackground {
  uid: string
  /** JPG or BMP, at most 6 MB. */
  image_url: string
  render_mode?: RenderMode
}

/** The arrangement of up to 17 users in a composite recording. */
export interface Layout {
  /** 0 floating (default), 1 grid, 2 vertical, 3 according to `layoutConfig`. */
  mixedVideoLayout?: 0 | 1 | 2 | 3
  /** For layout 2: the user with the large window. */
  maxResolutionUid?: string
  /** `#RRGGBB`, default `#000000`. */
  backgroundColor?: string
  backgroundImage?: string
  /** `backgroundConfig` overrides it for single uids. */
  defaultUserBackgroundImage?: string
  /** Required for layout 3, not allowed for any other. */
  layoutConfig?: LayoutRegion[]
  backgroundConfig?: UserBackground[]
}

/** `transcodingConfig`: the video of a composite recording. */
export type TranscodingConfig = Layout & {
  /** Pixels, default 360; at most 1920, and width times height at most 1920 × 1080. */
  width?: number
  /** Pixels, default 640. */
  height?: number
  /** Frames per second, default 15. Agora would silently replace any other value by 15. */
  fps?: FrameRate
  /** kbit/s, at most 6500, default 500. */
  bitrate?: number
}

export type FrameRate = 1 | 7 | 10 | 15 | 24 | 30 | 60

const fraction = z.number().min(0).max(1)
const renderMode = integerOf([0, 1], 'must be 0 or 1').optional()
const imageUrl = z.url({ protocol: /^https?$/, error: 'must be an http or https URL' })

const regionSchema: z.ZodType<LayoutRegion> = z.strictObject({
  uid: uidSchema.optional(),
  x_axis: fraction,
  y_axis: fraction,
  width: fraction,
  height: fraction,
  alpha: fraction.optional(),
  render_mode: renderMode,
})

const layoutShape = {
  mixedVideoLayout: integerOf([0, 1, 2, 3], 'must be 0, 1, 2 or 3').optional(),
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
      error: 'must be set if and only if mixedVideoLayout is 3',
      ...alwaysChecked,
    },
  )

export const layoutSchema: z.ZodType<Layout> = layoutRule(z.strictObject(layoutShape))

const FRAME_RATES = [1, 7, 10, 15, 24, 30, 60] as const

const DEFAULT_CANVAS = { width: 360, height: 640 }

/** Width times height, with Agora's defaults. */
const pixels = ({
  width = DEFAULT_CANVAS.width,
  height = DEFAULT_CANVAS.height,
}: TranscodingConfig): number => width * height

export const transcodingConfigSchema: z.ZodType<TranscodingConfig> = layoutRule<TranscodingConfig>(
  z.strictObject({
    ...layoutShape,
    width: integerIn(LIMITS.transcodingSide).optional(),
    height: integerIn(LIMITS.transcodingSide).optional(),
    fps: integerOf(FRAME_RATES, `must be one of ${FRAME_RATES.join(', ')}`).optional(),
    bitrate: integerIn(LIMITS.transcodingBitrate).optional(),
  }),
).refine((config) => !(pixels(config) > LIMITS.videoPixels.max), {
  path: ['height'],
  error: 'times width must be at most 1920 × 1080',
  ...alwaysChecked,
})
