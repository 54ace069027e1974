export { type Act, createPerformance, type Performance } from './performance.ts'
export { openStage, type Stage } from './stage.ts'
export { differences, idOf, reasonsOf, recoverySeconds, STORIES, type Story } from './stories.ts'
