interface Range {
  readonly min: number
  readonly max: number
}

/**
 * The ranges of Agora's REST reference, also for callers that validate their own input.
 *
 * @see https://docs.agora.io/en/api-reference/api-ref/cloud-recording
 */
export const LIMITS: {
  readonly cnameBytes: Range
  readonly uid: Range
  readonly resourceExpiredHour: Range & { readonly default: number }
  readonly videoSide: Range
  readonly videoPixels: Range
  readonly videoFps: Range & { readonly default: number }
  readonly audioProfile: Range
  readonly maxRecordingHour: Range
  readonly maxVideoDuration: Range & { readonly default: number }
  readonly readyTimeout: Range & { readonly default: number }
  readonly fileNamePrefixLength: Range
  readonly maxIdleTime: Range & { readonly default: number; readonly recommended: number }
  readonly uidListLength: Range
  readonly subscribeUidGroup: Range
  readonly decryptionMode: Range & { readonly default: number }
  readonly saltBytes: Range
  readonly captureInterval: Range & { readonly default: number }
  readonly transcodingSide: Range
  readonly transcodingBitrate: Range & { readonly default: number }
  readonly layoutRegions: Range
} = {
  /** UTF-8 bytes. */
  cnameBytes: { min: 1, max: 1024 },
  uid: { min: 1, max: 2 ** 32 - 1 },
  /** Hours. */
  resourceExpiredHour: { min: 1, max: 720, default: 72 },
  /** Pixels. */
  videoSide: { min: 240, max: 1920 },
  /** Width times height. */
  videoPixels: { min: 240 * 240, max: 1920 * 1080 },
  /** Frames per second. */
  videoFps: { min: 5, max: 60, default: 15 },
  audioProfile: { min: 0, max: 2 },
  /** Hours. */
  maxRecordingHour: { min: 1, max: 720 },
  /** Minutes per MP4 file. */
  maxVideoDuration: { min: 30, max: 240, default: 120 },
  /** Seconds; 0 is off. */
  readyTimeout: { min: 0, max: 60, default: 0 },
  /** Characters, including the slashes between the parts. */
  fileNamePrefixLength: { min: 0, max: 128 },
  /** Seconds that a channel may be empty until the recording ends. */
  maxIdleTime: { min: 5, max: 2_592_000, default: 30, recommended: 300 },
  /** Uids in one subscription list. */
  uidListLength: { min: 0, max: 32 },
  subscribeUidGroup: { min: 0, max: 5 },
  decryptionMode: { min: 0, max: 8, default: 0 },
  /** Bytes before base64 encoding. */
  saltBytes: { min: 32, max: 32 },
  /** Seconds between two screenshots. */
  captureInterval: { min: 5, max: 3600, default: 10 },
  /** Pixels. */
  transcodingSide: { min: 1, max: 1920 },
  /** kbit/s. */
  transcodingBitrate: { min: 1, max: 6500, default: 500 },
  layoutRegions: { min: 1, max: 17 },
}
