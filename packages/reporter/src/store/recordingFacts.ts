import type { Recording, RecordingState, Time } from '../supervisor/recording.ts'

export const TERMINAL_STATES: readonly RecordingState[] = ['stopped', 'failed']

export const isTerminal = ({ state }: Pick<Recording, 'state'>): boolean => TERMINAL_STATES.includes(state)

/** The earliest deadline; null if there is none. */
export const dueAt = ({ deadlines }: Pick<Recording, 'deadlines'>): Time | null => {
  const times = Object.values(deadlines)
  return times.length > 0 ? Math.min(...times) : null
}
