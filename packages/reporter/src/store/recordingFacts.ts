import type { Recording, RecordingState } from '../supervisor/recording.ts'

export const TERMINAL_STATES: readonly RecordingState[] = ['stopped', 'failed']

export const isTerminal = ({ state }: Pick<Recording, 'state'>): boolean => TERMINAL_STATES.includes(state)
