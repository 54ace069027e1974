/** Every type of delivery, with when it is sent. A released type keeps its meaning and its fields. */
export const DELIVERY_TYPES = {
  'recording.created': 'a recording was requested',
  'recording.rolling': 'the recording is rolling: it is known to be well',
  'recording.unhealthy':
    'something is wrong with the recording while Agora still records; or no further attempt is made (`final`)',
  'recording.recovering': 'nothing is recorded, and the next attempt is being made',
  'recording.attempt_failed': 'an attempt has ended, and was not to end; the next one follows by the policy',
  'recording.restarted':
    'another attempt is the current one: after a failure, or because a person asked for it',
  'recording.rolled_over': 'another attempt is the current one, as planned: the former has reached its hours',
  'recording.paused': 'Agora writes nothing: a pause was confirmed, or no user is in the channel',
  'recording.resumed': 'the pause is over',
  'recording.stopped': 'the recording was stopped, or its time was over, and nothing runs any more',
  'recording.failed': 'nothing runs any more, and no further attempt is made',
  'recording.attention_raised': 'a person should look at something while the recording goes on',
  'recording.attention_cleared': 'that is over',
  'recording.files_added': 'Agora lists files that it did not list before',
  'page.note': 'a recorded page has called `note()` with something new',
  'supervisor.paused': 'most pages are silent together (an ingress outage): silence restarts nothing',
  'supervisor.resumed': 'enough pages report again, so silence counts as before',
  'delivery.exhausted':
    'a delivery to another destination was given up; sent once until that destination accepts one again',
  'delivery.recovered': 'that destination accepts deliveries again',
  'delivery.test': 'a person has asked for a test',
} as const

export type DeliveryType = keyof typeof DELIVERY_TYPES

export const DELIVERY_TYPE_NAMES = Object.keys(DELIVERY_TYPES) as [DeliveryType, ...DeliveryType[]]

/** Whether one of the patterns is the type, `*`, or `recording.*` and the like. A test always is. */
export const isSelected = (patterns: readonly string[], type: DeliveryType): boolean =>
  type === 'delivery.test' || patterns.some((pattern) => matches(pattern, type))

export const matches = (pattern: string, type: DeliveryType): boolean =>
  pattern === '*' || pattern === type || (pattern.endsWith('.*') && type.startsWith(pattern.slice(0, -1)))
