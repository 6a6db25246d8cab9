import { elements } from './elements.ts'
import { register } from './parts.ts'

register(elements)
