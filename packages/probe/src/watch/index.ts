export { createWatch } from './watch.ts'
