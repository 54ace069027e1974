import type { Evidence } from './recording.ts'

/**
 * Every line that a timeline may have, and what it means; docs/behaviour.md shows this table. Programs read the code,
 * so a released one keeps its meaning; people read the message beside it.
 */
export const TIMELINE_CODES = {
  'recording.created': 'the recording is wanted',
  'recording.rolling': 'from now on it rolls: loaded and healthy',
  'recording.gave_up': 'no further attempt is made; the evidence has the limit that was reached',
  'recording.recovered': 'it had given up, and the page is well after all',
  'recording.restart_requested': 'somebody asked for a fresh beginning',
  'recording.pause_requested': 'somebody asked for a pause: the page stays open, and nothing is written',
  'recording.resume_requested': 'somebody asked for the end of the pause',
  'recording.stop_requested': 'somebody asked for the end',
  'recording.stopped': 'nothing runs any more, as it was wanted',
  'recording.failed': 'nothing runs any more, and nothing will',
  'attempt.requested': 'Agora is asked to start the attempt',
  'attempt.postponed':
    'Agora did not take the start, and runs nothing: the same attempt is started again later',
  'attempt.unknown': 'the answer to the start was lost; perhaps it runs',
  'attempt.started': 'Agora gave the sid',
  'attempt.sid_conflict':
    'another task is named for the attempt; it is stopped if the known one turns out to have ended',
  'attempt.confirmed': 'Agora says that it records (status 4 or 5)',
  'attempt.paused': 'Agora writes nothing from now on',
  'attempt.resumed': 'Agora writes again',
  'attempt.update_unconfirmed': 'Agora did not confirm the pause, or its end; it is sent again',
  'attempt.failed': 'the decision to leave the attempt; the evidence has the reason’s code and facts',
  'attempt.stop_unconfirmed': 'Agora did not confirm the stop; it is sent again',
  'attempt.orphaned':
    'perhaps it runs, and its sid never came; the evidence has when Agora ends it at the latest',
  'attempt.ended': 'Agora runs the attempt no more',
  'page.hello': 'the page reached the reporter for the first time',
  'page.loaded': 'all that the page expects is there',
  'page.reloaded': 'another document speaks for the attempt',
  'page.bye': 'the document is being left',
  'page.check_failed': 'the checks that fail are others than before',
  'page.recovered': 'no check fails any more',
  'page.warned': 'the page warns of something that nothing fails for: a black picture, say',
  'page.silent': 'no report for heartbeatTimeout: Agora is asked',
  'page.silent_in_outage': 'no report, nor from most other pages: they are waited for, up to 5 minutes',
  'page.returned': 'the silent page is heard again',
  'page.never_contacted': 'no report at all for loadTimeout: Agora is asked',
  'page.superseded': 'the page of an attempt that was replaced speaks, and is told so',
  'agora.unclear': 'a query had no clear answer (50x, time-out, quota): asked again',
  'agora.not_found': 'a query was answered 404, which may be a failover: asked again',
  'agora.pause_differs': 'Agora says that it writes, or does not, against what is wanted: it is told again',
  'agora.failover': 'event 12: another server of Agora goes on with the attempt, under another uid',
  'agora.former_session': 'the end of the session that a failover replaced: Agora is asked, nothing else',
  'agora.fatal_error': 'event 1 with error level 5: Agora is asked',
  'agora.notifications_missed': 'notifications of Agora are missing by their numbers: Agora is asked',
  'agora.reload': 'event 73: Agora reloads the page',
  'retry.scheduled': 'when the next attempt is made',
  'reporter.returned':
    'the reporter was away, or its clock went back: deadlines begin afresh, and Agora is asked',
} as const

export type TimelineCode = keyof typeof TIMELINE_CODES

/** One line of a recording's story. */
export interface TimelineEntry {
  code: TimelineCode
  attempt: number | null
  message: string
  evidence: Evidence
}
