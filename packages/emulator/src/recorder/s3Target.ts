/** The part of a request's `storageConfig` that says where files are uploaded to. */
export interface BucketConfig {
  vendor: number
  bucket: string
  accessKey: string
  secretKey: string
  extensionParams?: { endpoint?: string | undefined } | undefined
}

/** A bucket of an S3-compatible service. Never log it: it holds the keys. */
export interface S3Target {
  /** As in the request: a domain, or a URL. */
  endpoint: string
  bucket: string
  accessKey: string
  secretKey: string
}

/** Vendor 11 of `storageConfig` (https://docs.agora.io/en/cloud-recording/reference/region-vendor). */
const S3_COMPATIBLE = 11

/** The bucket that a task's files are uploaded to; null for the vendors that nothing is uploaded to. */
export const s3Target = (config: BucketConfig): S3Target | null => {
  const endpoint = config.extensionParams?.endpoint
  if (config.vendor !== S3_COMPATIBLE || endpoint === undefined) return null
  const { bucket, accessKey, secretKey } = config
  return { endpoint, bucket, accessKey, secretKey }
}
