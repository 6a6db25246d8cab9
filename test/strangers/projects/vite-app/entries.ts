// The compiler reads the types of every entry point that pages have, libraries included.
export type * as client from '@taskloom/client'
export type * as dashboard from '@taskloom/dashboard'
export type * as script from '@taskloom/dashboard/cdn'
export type * as siblings from '@taskloom/dashboard/siblings'
export type * as protocol from '@taskloom/protocol'
