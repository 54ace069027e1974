import { DOCUMENTS } from './documents.ts'
import { testMutations } from './testMutations.ts'

testMutations(DOCUMENTS)
