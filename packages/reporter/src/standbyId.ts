/**
 * A recording with `standby: true` has a twin: a second recording of the same, supervised by itself. Its id ends in what no
 * id of a user may contain.
 */
export const STANDBY_SUFFIX = '~standby'

export const standbyIdOf = (id: string): string => `${id}${STANDBY_SUFFIX}`

/** The id of the recording that the one with this id is the standby of; undefined if it is no standby. */
export const mainIdOf = (id: string): string | undefined =>
  id.endsWith(STANDBY_SUFFIX) ? id.slice(0, -STANDBY_SUFFIX.length) : undefined

/** The id of the other one of two twins. A recording without `standby` has none, although its twin has an id. */
export const twinIdOf = (id: string): string => mainIdOf(id) ?? standbyIdOf(id)

/** Ids that users give recordings, in a regular expression. */
export const USER_ID_PATTERN = '[A-Za-z0-9][A-Za-z0-9_-]{0,63}'

/** Ids of recordings, those of standbys included. */
export const ID_PATTERN: string = `${USER_ID_PATTERN}(?:${STANDBY_SUFFIX})?`

/** Earlier versions knew no others. */
export const FORMER_ID_PATTERN: string = `[A-Za-z0-9]{1,64}(?:${STANDBY_SUFFIX})?`
