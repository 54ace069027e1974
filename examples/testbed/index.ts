export { createApi, type RecordingApi } from './api.ts'
export { freePort } from './freePort.ts'
export { openTestbed, type Testbed, type TestbedOptions } from './testbed.ts'
