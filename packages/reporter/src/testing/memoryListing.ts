import { mainIdOf, standbyIdOf } from '../standbyId.ts'
import { PROBLEM_STATES } from '../store/summary.ts'
import type {
  ListOptions,
  RecordingFilter,
  RecordingPlace,
  RecordingsSummary,
  StoredProblem,
} from '../store/types.ts'
import type { Recording } from '../supervisor/recording.ts'
import type { RecordingRow, Tables } from './memoryTables.ts'

export const isMain = ({ id }: Pick<Recording, 'id'>): boolean => mainIdOf(id) === undefined

/** The rows of a page of the list. */
export const page = (
  recordings: Tables['recordings'],
  { before, limit, ...filter }: ListOptions,
): RecordingRow[] => {
  const newest = [...recordings.values()].sort((one, other) => compare(other.recording, one.recording))
  return newest
    .filter(({ recording }) => isMain(recording))
    .filter((row) => meets(recordings, row, filter))
    .filter(({ recording }) => !before || compare(recording, before) < 0)
    .slice(0, limit)
}

const compare = (one: RecordingPlace, other: RecordingPlace): number =>
  one.createdAt - other.createdAt || (one.id < other.id ? -1 : Number(one.id > other.id))

const meets = (
  recordings: Tables['recordings'],
  { recording, request }: RecordingRow,
  { states, kind, hasAttention, labels = {}, text }: RecordingFilter,
): boolean => {
  const standby = recordings.get(standbyIdOf(recording.id))?.recording
  const raised = recording.attention.length + (standby?.attention.length ?? 0)
  const contains = (text: string): boolean =>
    recording.id.toLowerCase().startsWith(text) ||
    Object.values(request.labels).some((value) => value.toLowerCase().includes(text))
  return (
    (states?.includes(recording.state) ?? true) &&
    (kind === undefined || recording.kind === kind) &&
    (hasAttention === undefined || hasAttention === raised > 0) &&
    Object.entries(labels).every(([name, value]) => request.labels[name] === value) &&
    (text === undefined || contains(text.toLowerCase()))
  )
}

export const summarize = (rows: readonly RecordingRow[]): RecordingsSummary => {
  const problems = rows.flatMap(({ recording: { id, state, attention }, stateSince }): StoredProblem[] => [
    ...(PROBLEM_STATES.includes(state) ? [{ id, since: stateSince, state, attention: null }] : []),
    ...attention.map(({ code, since }) => ({ id, since, state: null, attention: code })),
  ])
  const mains = rows.map(({ recording }) => recording).filter(isMain)
  return {
    states: countEach(mains.map(({ state }) => state)),
    attention: countEach(
      rows.flatMap(({ recording }) => [...new Set(recording.attention.map(({ code }) => code))]),
    ),
    oldestProblem: problems.toSorted((one, other) => one.since - other.since)[0],
  }
}

const countEach = (values: readonly string[]): Map<string, number> => {
  const counts = new Map<string, number>()
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1)
  return counts
}
