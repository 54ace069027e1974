export {
  type AcquireAnswer,
  type ExtensionServicePayload,
  type ExtensionServiceState,
  filesOf,
  type PublishedOutput,
  QUERY_STATUSES,
  type QueryAnswer,
  type QueryServerResponse,
  type StartAnswer,
  type StopAnswer,
  type StopServerResponse,
  type UpdateAnswer,
} from './answers/answers.ts'
export type { Extra } from './answers/reader.ts'
export type { RecordedFile } from './answers/recordedFile.ts'
export type { CallName } from './call.ts'
export {
  BACKOFFS,
  type CallObservation,
  classify,
  type Meaning,
  type Outcome,
  type Remedy,
  type Verdict,
} from './classify.ts'
export { createCloudRecording } from './client.ts'
export { type Clock, systemClock } from './clock.ts'
export type { CallOptions, CloudRecording, CloudRecordingOptions, RequestDetails } from './cloudRecording.ts'
export { codeText } from './codeTexts.ts'
export * from './errors.ts'
export type { FaultKind } from './fault.ts'
export {
  cnameInFileNames,
  type FileNameParts,
  fileNames,
  type UserFileNames,
  type VideoFileNames,
} from './files/fileNames.ts'
export { type ParsedFileName, parseFileName } from './files/parseFileName.ts'
export type { Issue } from './issues.ts'
export type { AdviceEntry, LogEntry, TryEntry } from './log.ts'
export {
  ERROR_LEVELS,
  ERROR_MODULES,
  LEAVE_BITS,
  leaveReasons,
  SERVICE_TYPES,
  STOP_CODES,
  STREAM_STATES,
  type StopCodeName,
  stopCodeName,
} from './notifications/codes.ts'
export { dedupeKeys } from './notifications/dedupeKeys.ts'
export type { EventDetails, EventName } from './notifications/events.ts'
export {
  isTestMessage,
  type Notification,
  NotificationError,
  type NotificationOf,
  type OtherNotification,
  type ParsedNotification,
  type ProductNotification,
  parseNotification,
  type RecordingNotification,
  safeParseNotification,
} from './notifications/notification.ts'
export { sessionOf } from './notifications/sessionOf.ts'
export {
  type NotificationHeaders,
  type SignatureCheck,
  type SignatureHeaders,
  signNotification,
  verifySignature,
} from './notifications/signature.ts'
export { createQuota, type QuotaOptions } from './quota/quota.ts'
export type { Quota, QuotaGrant, QuotaRequest } from './quota/quotaTypes.ts'
export {
  type ConfirmOptions,
  type ConfirmQuery,
  type ConfirmResult,
  confirmStarted,
} from './recipes/confirmStarted.ts'
export { type PlaylistOptions, type PlaylistResult, playlistFromQuery } from './recipes/playlistFromQuery.ts'
export type { QueryResult } from './recipes/queryOnce.ts'
export {
  type RefreshCredentialsRequest,
  type RefreshEvent,
  type RefreshResult,
  refreshCredentials,
  type StsCredentials,
} from './recipes/refreshCredentials.ts'
export { retry } from './recipes/retry.ts'
export {
  type DelayedStart,
  type StartRecordingRequest,
  type StartRecordingResult,
  startRecording,
  type UnresolvedStart,
} from './recipes/startRecording.ts'
export { type RedundantResult, startRedundantRecording } from './recipes/startRedundantRecording.ts'
export {
  type StopConfirmation,
  type StopOptions,
  type StopResult,
  stopUntilConfirmed,
} from './recipes/stopUntilConfirmed.ts'
export { type Liveness, type WatchOptions, watch } from './recipes/watch.ts'
export { adviceOn } from './requests/advice.ts'
export { type AvFileType, avFileTypeSchema } from './requests/avFileType.ts'
export * from './requests/calls.ts'
export {
  channelNameSchema,
  cnameSchema,
  type Identity,
  type Mode,
  type TaskAddress,
  uidSchema,
} from './requests/identity.ts'
export {
  type IndividualStartRequest,
  individualStartRequestSchema,
  type SnapshotConfig,
  snapshotConfigSchema,
} from './requests/individual.ts'
export {
  type FrameRate,
  type Layout,
  type LayoutRegion,
  layoutSchema,
  type RenderMode,
  type TranscodingConfig,
  type UserBackground,
} from './requests/layout.ts'
export { LIMITS } from './requests/limits.ts'
export { type MixStartRequest, mixStartRequestSchema } from './requests/mix.ts'
export type { AppsCollection, TranscodeOptions } from './requests/postponed.ts'
export {
  type ChannelAccess,
  type ChannelRecordingConfig,
  type DecryptionMode,
  type FieldSchemas,
  type IndividualRecordingConfig,
  individualRecordingConfigFields,
  type MixRecordingConfig,
  mixRecordingConfigFields,
} from './requests/recordingConfig.ts'
export { type PairRequest, type RecordedTask, type RequestPair, requestPair } from './requests/requestPair.ts'
export {
  fileNamePrefixSchema,
  type StorageConfig,
  type StorageVendor,
  storageConfigSchema,
} from './requests/storage.ts'
export {
  type AudioUidList,
  type StreamSubscribe,
  streamSubscribeSchema,
  type VideoUidList,
} from './requests/subscription.ts'
export {
  type ExtensionService,
  type RtmpOutputs,
  recordedUrlSchema,
  type WebRecorderServiceParam,
  type WebStartRequest,
  webRecorderServiceParamSchema,
  webStartRequestSchema,
} from './requests/web.ts'
export { type AnswerResponse, responseOf } from './responseOf.ts'
export { type Trouble, troubleOf } from './trouble.ts'
