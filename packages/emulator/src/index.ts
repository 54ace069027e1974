export { systemClock } from './clock.ts'
export { ControlError, type FieldError } from './control/controlError.ts'
export { startEmulator } from './startEmulator.ts'
export type * from './types.ts'
