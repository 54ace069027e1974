import { BOOKKEEPING } from './bookkeeping.ts'
import { CHANNELS } from './channels.ts'
import { DOCUMENTS } from './documents.ts'
import { ENDING } from './ending.ts'
import { FILES } from './files.ts'
import { KEEPING } from './keeping.ts'
import type { Mutation } from './mutation.ts'
import { RECOVERY } from './recovery.ts'
import { ROLES } from './roles.ts'
import { SCHEDULES } from './schedules.ts'
import { SESSIONS } from './sessions.ts'
import { STANDBYS } from './standbys.ts'

/** By theme. Every invariant is breached by at least one of them. */
export const MUTATIONS: readonly Mutation[] = [
  ...ROLES,
  ...KEEPING,
  ...ENDING,
  ...RECOVERY,
  ...BOOKKEEPING,
  ...FILES,
  ...DOCUMENTS,
  ...CHANNELS,
  ...SESSIONS,
  ...STANDBYS,
  ...SCHEDULES,
]
