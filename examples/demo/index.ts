export { DEMO_CASES, type DemoCase, idOf, mismatches, reasonsOf, recoverySeconds } from './demoCases.ts'
export { type CaseProgress, createDemoRun, type DemoRun } from './demoRun.ts'
