import { createCloudRecording } from '@stillrolling/rest-core'
import type { Stage } from './stage.ts'

/** The values that the examples of the emulator may use without declaring them. */
export interface Names {
  createCloudRecording: typeof createCloudRecording
}

/** The examples start their own emulators. */
export const setUp = async (): Promise<Stage & { names: Names }> => ({
  names: { createCloudRecording },
  run: (work) => work,
  close: async () => {},
})
