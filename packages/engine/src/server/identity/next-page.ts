const dashboard = 'dashboard'
const maxLength = 2_000
/** Segments of plain letters, the first of which cannot be a scheme, and what a query or a fragment may hold. */
const ownPath = /^[\w-][\w.-]*(?:\/[\w-][\w.-]*)*(?:\?[\w\-.~%!$&'()*+,;=:@/?]*)?(?:#[\w\-.~%!$&'()*+,;=:@/?]*)?$/

/**
 * Where to go after signing in, relative to the mount. Only a path below it: whatever could be read as another place, or
 * is one of the pages for signing in, becomes the dashboard.
 */
export function readNext(next: string | null | undefined): string {
  if (!next || next.length > maxLength || !ownPath.test(next) || /^auth(\/|$)/.test(next)) return dashboard
  return next
}
