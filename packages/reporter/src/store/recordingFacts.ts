import { RECORDING_STATES, type Recording, type RecordingState } from '../supervisor/recording.ts'

export const TERMINAL_STATES: readonly RecordingState[] = ['stopped', 'failed']

export const isTerminal = ({ state }: Pick<Recording, 'state'>): boolean => TERMINAL_STATES.includes(state)

export const LIVE_STATES: readonly RecordingState[] = RECORDING_STATES.filter(
  (state) => !isTerminal({ state }),
)
