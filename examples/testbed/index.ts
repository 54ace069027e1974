export { createApi, type RecordingApi } from './api.ts'
export { freePort } from './freePort.ts'
export { openTestbed, type Testbed } from './testbed.ts'
