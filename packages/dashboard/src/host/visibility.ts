import type { Visibility } from '@taskloom/client'

/** Whether anybody looks at this page. */
export const pageVisibility: Visibility = {
  isHidden: () => document.hidden,
  onVisibilityChange(callback) {
    document.addEventListener('visibilitychange', callback)
    return () => document.removeEventListener('visibilitychange', callback)
  },
}
