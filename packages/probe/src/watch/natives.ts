import { captureNatives, type Natives } from '../natives.ts'

/** Those of the first file; until `createWatch` has received them, those of now. */
export let natives: Natives = captureNatives(window)

/** @param given undefined if the page has cached a first file that captured none */
export const useNatives = (given: Natives | undefined): void => {
  natives = given ?? natives
}
