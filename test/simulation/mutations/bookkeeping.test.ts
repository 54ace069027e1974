import { BOOKKEEPING } from './bookkeeping.ts'
import { testMutations } from './testMutations.ts'

testMutations(BOOKKEEPING)
