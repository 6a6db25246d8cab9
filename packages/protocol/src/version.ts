/**
 * The version of the protocol that is spoken here. It grows when a reader of before would misunderstand; what is only added
 * (fields that may be absent, words of open lists, routes, events) does not count. `GET capabilities` tells it, in every
 * version at the same place.
 */
export const protocolVersion = 1
