import { z } from 'zod'

export type AvFileType = 'hls' | 'mp4'

/** `avFileType` alone, for whoever takes it from elsewhere. */
export const avFileTypeSchema: z.ZodType<AvFileType[]> = z
  .array(z.enum(['hls', 'mp4']))
  .refine((types) => types.includes('hls') && new Set(types).size === types.length, {
    error: 'must be ["hls"] or ["hls","mp4"]',
  })
