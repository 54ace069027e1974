import type { Evidence } from './recording.ts'

/**
 * Every code a timeline entry may have, with its meaning. docs/behaviour.md shows this table. Programs read the code, so
 * a released code keeps its meaning; people read the message beside it.
 */
export const TIMELINE_CODES = {
  'recording.created': 'the recording was requested',
  'recording.begun': 'a scheduled recording begins: its first attempt starts',
  'recording.rolling': 'the recording is rolling: its page is loaded and healthy',
  'recording.gave_up': 'no further attempt is made; the evidence has the limit that was reached',
  'recording.recovered': 'no restarts were left, but the page became healthy again',
  'recording.restart_requested': 'a restart was requested',
  'recording.pause_requested': 'a pause was requested: the page stays open and Agora writes nothing',
  'recording.resume_requested': 'the end of the pause was requested',
  'recording.waiting':
    'the channel had no users: the next attempt starts when a user joins, or the recording is resumed',
  'recording.changed': 'other fields of the request were changed; the evidence names them',
  'recording.change_requested': 'a change of the layout or the subscription was requested',
  'channel.joined': 'a user joined the channel, and the next attempt starts',
  'recording.stop_requested': 'a stop was requested',
  'recording.time_over': 'stopAt has come, or maxDuration has passed: the recording is stopped',
  'recording.stopped': 'the recording was stopped, or its time was over, and nothing runs any more',
  'recording.failed': 'nothing runs any more, and no further attempt is made',
  'candidate.started':
    'soft evidence or a planned roll-over: another attempt starts beside the current one, which keeps recording',
  'candidate.assigned':
    'soft evidence was found while a canary ran: the canary is the candidate for it from now on',
  'candidate.promoted': 'the candidate is the current attempt from now on; the former one is stopped',
  'candidate.dropped': 'the candidate is stopped, and the current attempt keeps recording',
  'attempt.requested': 'Agora is asked to start the attempt',
  'attempt.postponed': 'Agora did not accept the start and runs nothing; the same start is sent again later',
  'attempt.unknown': 'the answer to the start was lost; the attempt may be running',
  'attempt.started': 'the attempt has a sid',
  'attempt.sid_conflict':
    'a second sid was reported for the attempt; that task is stopped if the first one turns out to have ended',
  'attempt.confirmed': 'Agora confirms that it records (status 4 or 5)',
  'attempt.ha_registered': 'Agora has registered the attempt for high availability (event 13)',
  'attempt.paused': 'Agora has stopped writing',
  'attempt.resumed': 'Agora writes again',
  'attempt.changed': 'Agora uses the new layout or subscription',
  'attempt.change_refused': 'Agora refuses the new layout or subscription; the recording goes on without it',
  'attempt.update_unconfirmed':
    'Agora did not confirm the pause, the resume or the change; the update is retried',
  'attempt.failed': 'the attempt has ended; the evidence has the reason’s code and facts',
  'attempt.rolled_over': 'the attempt has reached the limit of its hours, as planned',
  'attempt.idle_exit': 'Agora has ended the attempt because the channel had no users for maxIdleTime',
  'attempt.stop_unconfirmed': 'Agora did not confirm the stop; the stop is retried',
  'attempt.orphaned':
    'the attempt may be running, but its sid is unknown; the evidence says when Agora ends it at the latest',
  'attempt.ended': 'Agora no longer runs the attempt',
  'attempt.no_files': 'Agora has been writing for fileTimeout, and lists no file',
  'attempt.upload_failed':
    'Agora reports that files do not reach the bucket: event 1 of the uploader, 30, 31 with a status, or 34',
  'attempt.backed_up':
    'some files are in Agora’s own backup, which uploads them later: event 32, or the answer to the stop',
  'attempt.uploaded': 'all files of a session are in the bucket: event 31, or the answer to the stop',
  'page.hello': 'the page reached the reporter for the first time',
  'page.loaded': 'the page has loaded: all expectations are met',
  'page.reloaded': 'a new document reports for the attempt',
  'page.bye': 'the document is being unloaded',
  'page.check_failed': 'the set of failing checks changed',
  'page.recovered': 'all checks pass again',
  'page.warned': 'the page warns of something that fails no check, for example a black picture',
  'page.error': 'the document’s first script error, without addresses and secrets; written once per document',
  'page.silent': 'no report for heartbeatTimeout; Agora is queried',
  'page.silent_in_outage': 'no report, during an ingress outage: nothing is restarted for silence',
  'page.returned': 'the silent page reports again',
  'page.never_contacted': 'no report at all within loadTimeout; Agora is queried',
  'page.superseded': 'the page of a superseded attempt sent a report, which does not count',
  'page.token_refused':
    'a report that names the attempt has a token that was not signed with a known secret; written once per attempt',
  'agora.unclear': 'a query had no clear answer (50x, timeout, quota); it is retried',
  'agora.not_found': 'a query was answered 404, possibly because of a failover; it is retried',
  'agora.pause_differs':
    'Agora writes although the recording is paused, or the reverse; the update is sent again',
  'agora.failover': 'event 12: another of Agora’s servers continues the attempt under another uid',
  'agora.former_session':
    'the session that a failover replaced has ended; Agora is queried about the new one',
  'agora.recorder_left': 'event 41: the recorder has left the channel; Agora is queried',
  'agora.fatal_error': 'event 1 with error level 5 or none; Agora is queried',
  'agora.notifications_missed': 'there is a gap in the sequence of notifications; Agora is queried',
  'agora.reload': 'event 73: Agora reloads the page',
  'retry.scheduled': 'when the next attempt or candidate starts',
  'attention.raised':
    'something a person should look at while the recording goes on; the evidence has its code',
  'attention.cleared': 'it is over',
  'timeline.repeated':
    'entries of one kind within a minute, counted instead of written; the evidence has the numbers',
  'reporter.returned': 'the reporter was down, or its clock stepped back: all deadlines start anew',
} as const

export type TimelineCode = keyof typeof TIMELINE_CODES

export type TimelineLevel = 'debug' | 'info' | 'warn' | 'error'

/**
 * The log level of each code, by what a person must do.
 * - `error`: act, or nothing is recorded
 * - `warn`: find the cause; the reporter goes on meanwhile
 * - `info`: nothing; the normal course of a recording
 * - `debug`: nothing; details for diagnosis
 */
export const TIMELINE_LEVELS: Readonly<Record<TimelineCode, TimelineLevel>> = {
  'recording.created': 'info',
  'recording.begun': 'info',
  'recording.rolling': 'info',
  'recording.gave_up': 'error',
  'recording.recovered': 'info',
  'recording.restart_requested': 'info',
  'recording.pause_requested': 'info',
  'recording.resume_requested': 'info',
  'recording.waiting': 'info',
  'recording.changed': 'info',
  'recording.change_requested': 'info',
  'channel.joined': 'info',
  'recording.stop_requested': 'info',
  'recording.time_over': 'info',
  'recording.stopped': 'info',
  'recording.failed': 'error',
  'candidate.started': 'info',
  'candidate.assigned': 'info',
  'candidate.promoted': 'info',
  'candidate.dropped': 'info',
  'attempt.requested': 'info',
  'attempt.postponed': 'info',
  'attempt.unknown': 'info',
  'attempt.started': 'info',
  'attempt.sid_conflict': 'warn',
  'attempt.confirmed': 'info',
  'attempt.ha_registered': 'debug',
  'attempt.paused': 'info',
  'attempt.resumed': 'info',
  'attempt.changed': 'info',
  'attempt.change_refused': 'warn',
  'attempt.update_unconfirmed': 'info',
  'attempt.failed': 'warn',
  'attempt.rolled_over': 'info',
  'attempt.idle_exit': 'info',
  'attempt.stop_unconfirmed': 'info',
  'attempt.orphaned': 'warn',
  'attempt.ended': 'info',
  'attempt.no_files': 'warn',
  'attempt.upload_failed': 'warn',
  'attempt.backed_up': 'warn',
  'attempt.uploaded': 'info',
  'page.hello': 'info',
  'page.loaded': 'info',
  'page.reloaded': 'info',
  'page.bye': 'debug',
  'page.check_failed': 'info',
  'page.recovered': 'info',
  'page.warned': 'info',
  'page.error': 'info',
  'page.silent': 'info',
  'page.silent_in_outage': 'info',
  'page.returned': 'info',
  'page.never_contacted': 'info',
  'page.superseded': 'debug',
  'page.token_refused': 'warn',
  'agora.unclear': 'info',
  'agora.not_found': 'info',
  'agora.pause_differs': 'info',
  'agora.failover': 'info',
  'agora.former_session': 'debug',
  'agora.recorder_left': 'info',
  'agora.fatal_error': 'warn',
  'agora.notifications_missed': 'info',
  'agora.reload': 'info',
  'retry.scheduled': 'info',
  'attention.raised': 'warn',
  'attention.cleared': 'info',
  'timeline.repeated': 'info',
  'reporter.returned': 'info',
}

/** One entry of a recording's timeline. */
export interface TimelineEntry {
  code: TimelineCode
  attempt: number | null
  message: string
  evidence: Evidence
}
