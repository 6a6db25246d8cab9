export { negatedTerm, searchProblem, termOf, typedTerms } from '@taskloom/client'
