import type { Mode } from '../../types.ts'
import { individualCalls, mixCalls } from './channel.ts'
import type { ModeCalls } from './mode.ts'
import { webCalls } from './web.ts'

export const MODES: Readonly<Record<Mode, ModeCalls>> = {
  individual: individualCalls,
  mix: mixCalls,
  web: webCalls,
}

export const isMode = (text: string): text is Mode => Object.hasOwn(MODES, text)
