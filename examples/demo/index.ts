export { DEMO_CASES, type DemoCase, idOf } from './demoCases.ts'
export { type CaseProgress, createDemoRun, type DemoRun } from './demoRun.ts'
