import type { Time } from './supervisor/recording.ts'

/** ISO 8601 in UTC. */
export const iso = (at: Time): string => new Date(at).toISOString()
export const isoOrNull = (at: Time | null): string | null => (at === null ? null : iso(at))
