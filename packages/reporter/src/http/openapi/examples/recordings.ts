import { DEFAULT_POLICY } from '../../../supervisor/policy.ts'
import type { AttemptView } from '../../recordings/attemptView.ts'
import type { HourlyStatisticsView } from '../../recordings/hourlyStatistics.ts'
import type { RecordingSummary } from '../../recordings/recordingSummary.ts'
import type { CommonFields, RecordingView } from '../../recordings/recordingView.ts'
import type { TimelineView } from '../../recordings/timeline.ts'

const SID = '2a1b0c3d4e5f60718293a4b5c6d7e8f9'

const ATTEMPT: AttemptView = {
  number: 1,
  state: 'current',
  candidateFor: null,
  uid: '416000001',
  resourceId: 'JyvK8nXHuV1BE64GDkAaBGEscvtHW7v8BrQoRPCHxmeVxwY22',
  sid: SID,
  onhold: false,
  startedAt: '2026-01-01T09:00:01.000Z',
  confirmedAt: '2026-01-01T09:00:04.000Z',
  loadedAt: '2026-01-01T09:00:06.000Z',
  lastBeatAt: '2026-01-01T09:10:06.000Z',
  firstError: null,
  endedAt: null,
  endReason: null,
  mayRunUntil: null,
  wellUntil: null,
  uploadingStatus: null,
  files: [{ name: `${SID}_class42.m3u8`, attempt: 1, status: 'predicted', upload: 'unknown' }],
}

const COMMON: CommonFields = {
  id: 'class42',
  desired: 'running',
  paused: false,
  state: 'rolling',
  reason: null,
  attention: [],
  nextAttemptAt: null,
  gaveUp: null,
  gaveUpAt: null,
  startAt: null,
  startAhead: 60,
  stopAt: null,
  maxDuration: null,
  startsAt: null,
  endsAt: null,
  policy: DEFAULT_POLICY,
  storage: 'default',
  folder: 'class42',
  labels: { course: '7b' },
  metadata: { lesson: 12 },
  createdAt: '2026-01-01T09:00:00.000Z',
  updatedAt: '2026-01-01T09:00:06.000Z',
  version: 6,
  deadlines: { beatBy: '2026-01-01T09:10:36.000Z', rollOverAt: '2026-01-01T11:58:01.000Z' },
  attemptCount: 1,
  attempts: [ATTEMPT],
  files: ATTEMPT.files.map((file) => ({ ...file, standby: false })),
  gaps: [],
  pauses: [],
  historySince: '2026-01-01T09:00:00.000Z',
  standby: null,
  standbyOf: null,
}

/** A page's recording that is well. */
export const RECORDING: RecordingView = {
  ...COMMON,
  kind: 'page',
  url: 'https://app.example.com/room/42',
  video: { width: 1280, height: 720 },
  audioProfile: 0,
  maxRecordingHour: 3,
  avFileType: ['hls'],
  expect: ['#board'],
  media: [],
}

export const STARTED: RecordingView = {
  ...RECORDING,
  state: 'starting',
  updatedAt: RECORDING.createdAt,
  version: 1,
  deadlines: {},
  attempts: [
    {
      ...ATTEMPT,
      state: 'starting',
      resourceId: null,
      sid: null,
      startedAt: null,
      confirmedAt: null,
      loadedAt: null,
      lastBeatAt: null,
      files: [],
    },
  ],
  files: [],
}

export const STOPPED: RecordingView = { ...RECORDING, desired: 'stopped', state: 'stopping', version: 7 }

export const PAUSED: RecordingView = { ...RECORDING, paused: true, version: 7 }

/** A channel's recording whose layout was changed. */
export const CHANGED: RecordingView = {
  ...COMMON,
  id: 'lesson7',
  kind: 'channel',
  mode: 'mix',
  channel: 'lesson-7',
  recordingConfig: { channelType: 1, maxIdleTime: 30 },
  recordingFileConfig: null,
  snapshotConfig: null,
  resourceExpiredHour: 72,
  uidRange: null,
  tokenUrl: null,
  changes: {
    layout: { values: { mixedVideoLayout: 1 }, revision: 1, status: 'requested' },
    subscription: null,
  },
  waitingSince: null,
  version: 7,
}

export const RECORDING_PAGE: { items: RecordingSummary[]; next: string | null } = {
  items: [
    {
      id: 'class42',
      kind: 'page',
      desired: 'running',
      paused: false,
      state: 'unhealthy',
      reason: 'page_unhealthy',
      attention: [],
      nextAttemptAt: null,
      gaveUp: null,
      url: 'https://app.example.com/room/42',
      channel: null,
      labels: { course: '7b' },
      metadata: { lesson: 12 },
      createdAt: '2026-01-01T09:00:00.000Z',
      attemptCount: 1,
      current: {
        number: 1,
        sid: SID,
        startedAt: '2026-01-01T09:00:01.000Z',
        loadedAt: '2026-01-01T09:00:06.000Z',
        lastBeatAt: '2026-01-01T09:10:06.000Z',
      },
      standby: null,
    },
  ],
  next: '1767258000000.class42',
}

export const ATTEMPT_PAGE: { items: AttemptView[]; next: number | null } = { items: [ATTEMPT], next: null }

export const TIMELINE_PAGE: { items: TimelineView[]; next: number | null } = {
  items: [
    {
      id: 3,
      at: '2026-01-01T09:00:06.000Z',
      code: 'page.loaded',
      attempt: 1,
      message: 'The page has loaded',
      evidence: { page: 'p-5f3a' },
    },
  ],
  next: null,
}

export const STATISTICS: { items: HourlyStatisticsView[] } = {
  items: [
    {
      attempt: 1,
      hour: '2026-01-01T09:00:00.000Z',
      reports: 361,
      unhealthy: 0,
      missed: 0,
      errors: 0,
      failed: 1,
      lateMax: 12,
      blank: 0,
    },
  ],
}
