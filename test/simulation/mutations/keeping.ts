import { currentAttempt, findAttempt } from '../../../packages/reporter/src/supervisor/attempts.ts'
import { decide } from '../../../packages/reporter/src/supervisor/decide.ts'
import { REAL_KIT } from '../kit.ts'
import {
  alterDeadlines,
  alterDecision,
  alterInput,
  isUnsettled,
  type Mutation,
  withAttempt,
} from './mutation.ts'

/** Mistakes that give up what records well. */
export const KEEPING: readonly Mutation[] = [
  {
    breaks: 'confirmedSilence',
    what: 'a silent page ends its attempt without a query',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, moment) => {
        const decision = decide(before, signal, moment)
        const current = currentAttempt(decision.recording)
        if (signal.type !== 'due' || current?.suspicion !== 'silent') return decision
        const answer = { kind: 'status' as const, status: 5, files: [] }
        return decide(decision.recording, { type: 'queried', attempt: current.number, answer }, moment)
      },
    },
  },
  {
    breaks: 'healthyKept',
    what: 'the first 404 is believed',
    kit: alterInput((before, signal) => {
      if (signal.type !== 'queried' || signal.answer.kind !== 'notFound') return [before, signal]
      const impatient = withAttempt(before, signal.attempt, ({ query }) => ({
        query: { ...query, notFound: 99, notFoundSince: 0 },
      }))
      return [impatient, signal]
    }),
  },
  {
    breaks: 'healthyKept',
    what: 'a status that is neither recording nor ended counts as an end',
    kit: alterInput((before, signal) => {
      if (signal.type !== 'queried' || !isUnsettled(signal.answer)) return [before, signal]
      return [before, { ...signal, answer: { ...signal.answer, status: 20 } }]
    }),
  },
  {
    breaks: 'healthyKept',
    what: 'one lost heartbeat makes a page suspect',
    kit: alterDeadlines((deadlines, earlier, { now }) => {
      const { beatBy } = deadlines
      const isNew = beatBy !== undefined && beatBy !== earlier?.beatBy
      return isNew ? { ...deadlines, beatBy: Math.min(beatBy, now + 13_000) } : deadlines
    }),
  },
  {
    breaks: 'healthyKept',
    what: 'deadlines are not extended after a downtime',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, { downtimes: _, ...moment }) => decide(before, signal, moment),
    },
  },
  {
    breaks: 'healthyKept',
    what: 'a page whose check passes again is restarted all the same',
    kit: alterDeadlines((deadlines, { healthyBy } = {}, { now }) =>
      healthyBy === undefined || healthyBy <= now ? deadlines : { ...deadlines, healthyBy },
    ),
  },
  {
    breaks: 'healthyKept',
    what: 'a candidate is not dropped when the page before it is healthy again',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, moment) => {
        const { replacing } = before
        const isHealthy = signal.type === 'report' && signal.report.failing.length === 0
        if (!isHealthy || !replacing) return decide(before, signal, moment)
        // The reports of a healthy page do not end a roll-over.
        const rollOver = { ...replacing, code: 'max_recording_hour' as const }
        const decision = decide({ ...before, replacing: rollOver }, signal, moment)
        if (!decision.recording.replacing) return decision
        const { state, reason, rollingSince } = before
        return {
          ...decision,
          timeline: decision.timeline.filter(({ code }) => code !== 'recording.rolling'),
          recording: { ...decision.recording, replacing, state, reason, rollingSince },
        }
      },
    },
  },
  {
    breaks: 'nothingLost',
    what: 'stored times are not moved when the clock steps back',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, { downtimes, ...moment }) =>
        decide(before, signal, {
          ...moment,
          ...(downtimes && { downtimes: { ...downtimes, clockStepBackMs: 0 } }),
        }),
    },
  },
  {
    breaks: 'nothingLost',
    what: 'the roll-over is not planned',
    kit: alterDecision((decision) => {
      const { rollOverAt, ...deadlines } = decision.recording.deadlines
      return { ...decision, recording: { ...decision.recording, deadlines } }
    }),
  },
  {
    breaks: 'nothingLost',
    what: 'the roll-over is given up when its candidate is silent',
    kit: alterDecision((decision, before) => {
      const silent = decision.recording.attempts.find(
        ({ state, candidateFor, startedAt, page }) =>
          state === 'candidate' &&
          candidateFor?.code === 'max_recording_hour' &&
          page === null &&
          startedAt !== null,
      )
      if (!silent || findAttempt(before, silent.number)?.confirmedAt == null) return decision
      return {
        ...decision,
        recording: withAttempt(decision.recording, silent.number, () => ({
          state: 'superseded',
          endReason: silent.candidateFor,
          deadlines: {},
          stop: { notFound: 0, notFoundSince: null, unknown: 0, nextAt: null },
        })),
        effects: [...decision.effects, { kind: 'stop', attempt: silent.number }],
        timeline: [
          ...decision.timeline,
          {
            code: 'candidate.dropped',
            attempt: silent.number,
            message: '',
            evidence: { code: 'candidate_dropped' },
          },
        ],
      }
    }),
  },
  {
    breaks: 'ingressOutage',
    what: 'an ingress outage is not suspected',
    kit: {
      ...REAL_KIT,
      decide: (before, signal, moment) => decide(before, signal, { ...moment, ingressSuspect: false }),
    },
  },
]
