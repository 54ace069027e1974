import type { OpenAPIHono } from '@hono/zod-openapi'
import type { CloudRecording } from '@stillrolling/rest-core'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { createApp } from './http/app.ts'
import type { ProbeFiles } from './probeFiles.ts'
import { ADDRESS_REFUSAL_MS, createAcceptance, STRANGERS_REFUSAL_MS } from './runtime/acceptance.ts'
import type { Backups } from './runtime/backups.ts'
import { type Changes, createChanges } from './runtime/changes.ts'
import { createChannelTokens } from './runtime/channelTokens/channelTokens.ts'
import type { Clock } from './runtime/clock.ts'
import { type CredentialsRefresher, createCredentialsRefresher } from './runtime/credentialsRefresher.ts'
import { createDeliveries, type Deliveries } from './runtime/deliveries/deliveries.ts'
import type { Send } from './runtime/deliveries/send.ts'
import { createDowntimeWatch, type DowntimeWatch } from './runtime/downtimeWatch.ts'
import { createEngine, type Engine } from './runtime/engine.ts'
import { createEventFeed, type EventFeed } from './runtime/events/eventFeed.ts'
import { type Acceptances, createHealth, type Health } from './runtime/health.ts'
import { createHeartbeatBuffer, type HeartbeatBuffer } from './runtime/heartbeatBuffer.ts'
import { createIngressWatch } from './runtime/ingressWatch.ts'
import { createJobRunner, type JobRunner } from './runtime/jobs/jobRunner.ts'
import { observeAgora } from './runtime/observeAgora.ts'
import { createPublicUrlWatch, type PublicUrlWatch } from './runtime/publicUrl/publicUrlWatch.ts'
import { createRetention, type Retention } from './runtime/retention.ts'
import { createRunner, type Runner } from './runtime/runner.ts'
import { serializeUpdates } from './runtime/serializeUpdates.ts'
import { createStateWaits, type StateWaits } from './runtime/stateWaits.ts'
import { createStatisticsCollector, type StatisticsCollector } from './runtime/statisticsCollector.ts'
import { createStorageCredentials } from './runtime/storageCredentials.ts'
import { createSweep, type Sweep } from './runtime/sweep.ts'
import { createUnreadableRecordings, type UnreadableRecordings } from './runtime/unreadableRecordings.ts'
import type { Store } from './store/store.ts'

/** Everything outside the reporter that it uses. */
export interface World {
  store: Store
  clock: Clock
  agora: CloudRecording
  config: Config
  backups: Backups
  probeFiles: ProbeFiles
  log: Logger
  /** For the addresses of storage credentials, and those that give out tokens of channels. */
  fetch?: typeof fetch
  /** Sends deliveries. */
  send?: Send
}

/** The connected parts of a reporter. */
export interface Parts {
  engine: Engine
  heartbeats: HeartbeatBuffer
  downtimes: DowntimeWatch
  runner: Runner
  deliveries: Deliveries
  refresher: CredentialsRefresher
  sweep: Sweep
  health: Health
  publicUrl: PublicUrlWatch
  statistics: StatisticsCollector
  retention: Retention
  unreadable: UnreadableRecordings
  backups: Backups
  changes: Changes
  waits: StateWaits
  events: EventFeed
  jobs: JobRunner
  app: OpenAPIHono
}

/** Connects the parts. Nothing runs yet. */
export const assemble = (world: World): Parts => {
  const { store, clock, agora, config, backups, probeFiles, log, fetch } = world
  const heartbeats = createHeartbeatBuffer(store)
  const ingress = createIngressWatch(heartbeats.expectedPages, log, config.ingress)
  const downtimes = createDowntimeWatch({
    store,
    clock,
    log,
    onStored: ({ count, endedAt }, added) => {
      heartbeats.resumed(count)
      if (added) ingress.resumed(endedAt, added.clockStepBackMs)
    },
  })
  const deliveries = createDeliveries({
    ...{ store, clock, log, ingress, config: config.deliveries, send: world.send },
    publicUrl: config.publicUrl,
    ingressCause: () => publicUrl.cause(),
  })
  const changes = createChanges(log)
  const engine = createEngine({
    store,
    clock,
    heartbeats,
    log,
    downtimes,
    outbox: deliveries.outbox,
    isIngressSuspect: () => ingress.outageSince() !== null,
    ingressCause: () => publicUrl.cause(),
    onDecision: (recording) => {
      ingress.observe(recording)
      refresher.observe(recording)
      deliveries.decided()
      changes.changed(recording.id)
    },
    onEffects: () => runner.poke(),
  })
  const acceptances: Acceptances = {
    agora: createAcceptance('Requests to Agora', { clock, log }),
    notifications: createAcceptance('Notifications', { clock, log, refusalCountsMs: STRANGERS_REFUSAL_MS }),
    tokens: createAcceptance('Reports', { clock, log, refusalCountsMs: STRANGERS_REFUSAL_MS }),
    storage: createAcceptance('Storage credentials', { clock, log }),
    channelTokens: createAcceptance('Tokens of channels', {
      ...{ clock, log, refusalCountsMs: ADDRESS_REFUSAL_MS },
    }),
  }
  const publicUrl = createPublicUrlWatch({
    url: config.checkPublicUrl ? config.publicUrl : undefined,
    clock,
    log,
    ingress,
    reports: acceptances.tokens,
  })
  const observed = serializeUpdates(observeAgora(agora, acceptances.agora))
  const profiles = config.storageProfiles
  const credentials = createStorageCredentials({ profiles, clock, acceptance: acceptances.storage, fetch })
  const tokens = createChannelTokens({ config, clock, acceptance: acceptances.channelTokens, fetch })
  const refresher = createCredentialsRefresher({
    ...{ engine, agora: observed, credentials, profiles, clock, log },
  })
  const runner = createRunner({
    store,
    context: { engine, agora: observed, clock, credentials, tokens, config },
    log,
  })
  const sweep = createSweep({ store, clock, engine, heartbeats, downtimes, ingress, log })
  const statistics = createStatisticsCollector({ store, clock, log })
  const retention = createRetention({ store, deliveries, clock, log, days: config.retentionDays })
  const unreadable = createUnreadableRecordings({ store, log })
  const health = createHealth({
    store,
    clock,
    sweep,
    ingress,
    publicUrl,
    unreadable,
    deliveries,
    acceptances,
  })
  const waits = createStateWaits({ engine, changes })
  // A connection on which nothing is sent is closed after this time.
  const heartbeatMs = Math.min(15, config.http.response / 2) * 1000
  const events = createEventFeed({ store, changes, clock, log, times: { heartbeatMs } })
  const jobs = createJobRunner({ store, engine, clock, log })
  const app = createApp({
    store,
    clock,
    engine,
    health,
    publicUrl,
    acceptances,
    statistics,
    deliveries,
    backups,
    waits,
    events,
    jobs,
    config,
    probeFiles,
    log,
  })
  return {
    engine,
    heartbeats,
    downtimes,
    runner,
    deliveries,
    refresher,
    sweep,
    health,
    publicUrl,
    statistics,
    retention,
    unreadable,
    backups,
    changes,
    waits,
    events,
    jobs,
    app,
  }
}
