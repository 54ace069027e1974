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
  readonly cnameBytes: Range & { readonly web: number; readonly channel: number }
  readonly uid: Range
  readonly resourceExpiredHour: Range & { readonly default: number }
  readonly videoSide: Range
  readonly videoPixels: Range
  readonly videoFps: Range & { readonly default: number; readonly processed: number }
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
  readonly captureInterval: Range & { readonly default: number; readonly recommended: number }
  readonly transcodingSide: Range
  readonly transcodingBitrate: Range & { readonly default: number }
  readonly layoutRegions: Range
} = {
  /**
   * UTF-8 bytes. Nothing above `max` is sent. In web page mode Agora's Chinese page has 128, the English one 1024; the
   * name of a channel is below 64 bytes.
   */
  cnameBytes: { min: 1, max: 1024, web: 128, channel: 63 },
  uid: { min: 1, max: 2 ** 32 - 1 },
  /** Hours. */
  resourceExpiredHour: { min: 1, max: 720, default: 72 },
  /** Pixels. */
  videoSide: { min: 240, max: 1920 },
  /** Width times height. */
  videoPixels: { min: 240 * 240, max: 1920 * 1080 },
  /** Frames per second. The recorder processes at most 30, whatever is set. */
  videoFps: { min: 5, max: 60, default: 15, processed: 30 },
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
  /** Seconds between two screenshots. Agora's release notes have 1 as the smallest, its reference 5. */
  captureInterval: { min: 1, max: 3600, default: 10, recommended: 5 },
  /** Pixels. */
  transcodingSide: { min: 1, max: 1920 },
  /** kbit/s. */
  transcodingBitrate: { min: 1, max: 6500, default: 500 },
  layoutRegions: { min: 1, max: 17 },
}
