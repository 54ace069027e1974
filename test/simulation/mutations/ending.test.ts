import { ENDING } from './ending.ts'
import { testMutations } from './testMutations.ts'

testMutations(ENDING)
