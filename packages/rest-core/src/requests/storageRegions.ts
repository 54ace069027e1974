import type { StorageVendor } from './storage.ts'

const upTo = (last: number): number[] => Array.from({ length: last + 1 }, (_, region) => region)

/**
 * The values of `storageConfig.region` by vendor that Agora lists. Vendors open regions more often than this table
 * changes, so another value is worth a word, not a refusal.
 *
 * @see https://docs.agora.io/en/cloud-recording/reference/region-vendor
 */
export const STORAGE_REGIONS: Readonly<Record<StorageVendor, readonly number[]>> = {
  1: upTo(25).filter((region) => region !== 17 && region !== 23),
  2: upTo(27),
  3: upTo(19),
  5: [0],
  6: [0],
  7: upTo(15),
  8: [1, 2, 3, 4, 5, 6, 7],
  11: [0],
}
