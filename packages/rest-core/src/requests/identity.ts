import { z } from 'zod'
import { LIMITS } from './limits.ts'

/** `appId + cname + uid` identifies a recording at Agora. */
export interface Identity {
  /** 1 to 1024 bytes of UTF-8. A channel's name, below 64 bytes; in web mode any name. */
  cname: string
  /** An integer from 1 to 2³²−1, as a decimal string without leading zeros. */
  uid: string
}

/** How Agora records: each user's streams in files of their own, all users in one video (composite), or a web page. */
export type Mode = 'individual' | 'mix' | 'web'

/** The address of a task: a recording that was started. */
export interface TaskAddress<M extends Mode = Mode> {
  resourceId: string
  sid: string
  mode: M
}

const bytes = (text: string): number => new TextEncoder().encode(text).length

export const cnameSchema: z.ZodType<string> = z
  .string()
  .min(1)
  .refine((cname) => bytes(cname) <= LIMITS.cnameBytes.max, {
    error: `must be at most ${LIMITS.cnameBytes.max} bytes of UTF-8`,
  })

/** @see https://docs.agora.io/en/cloud-recording/rest-api/acquire */
const CHANNEL_CHARACTERS = /^[A-Za-z0-9 !#$%&()+\-:;<=.>?@[\]^_{}|~,]*$/

/** What is wrong with a channel's name; undefined if it is as Agora documents it. The recorder answers others with 1013. */
export const mistakeInChannelName = (name: string): 'length' | 'characters' | undefined => {
  if (bytes(name) > LIMITS.cnameBytes.channel) return 'length'
  return CHANNEL_CHARACTERS.test(name) ? undefined : 'characters'
}

/** The name of a channel as Agora documents it: users cannot join one of another name either. */
export const channelNameSchema: z.ZodType<string> = z
  .string()
  .min(1)
  .refine((name) => mistakeInChannelName(name) !== 'length', {
    error: `must have at most ${LIMITS.cnameBytes.channel} bytes`,
  })
  .refine((name) => mistakeInChannelName(name) !== 'characters', {
    error: 'has characters that the name of a channel cannot have',
  })

export const uidSchema: z.ZodType<string> = z
  .string()
  .regex(/^[1-9]\d{0,9}$/, { error: 'must be a decimal string from "1" to "4294967295"', abort: true })
  .refine((uid) => Number(uid) <= LIMITS.uid.max, { error: 'must be at most 4294967295' })

/** Resource ids and sids are opaque; each is one path segment of Agora's URLs. */
export const opaqueIdSchema: z.ZodType<string> = z.string().min(1)

export const identityShape: { cname: z.ZodType<string>; uid: z.ZodType<string> } = {
  cname: cnameSchema,
  uid: uidSchema,
}

export const modeSchema: z.ZodType<Mode> = z.enum(['individual', 'mix', 'web'], {
  error: 'must be "individual", "mix" or "web"',
})

export const addressShape: { resourceId: z.ZodType<string>; sid: z.ZodType<string> } = {
  resourceId: opaqueIdSchema,
  sid: opaqueIdSchema,
}
