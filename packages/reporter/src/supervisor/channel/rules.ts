import type { KindRules } from '../kind.ts'
import { PAGE_RULES } from '../page/rules.ts'

export const CHANNEL_RULES: KindRules = PAGE_RULES
