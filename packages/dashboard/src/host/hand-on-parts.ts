import type { LitElement } from 'lit'

/**
 * What a page may style by `task-dashboard::part(…)` although it stands in a shadow root further down. The manifest of the
 * elements reads all parts here:
 *
 * @csspart root - everything
 * @csspart header - the line with the title
 * @csspart heading - the title
 * @csspart environment - the word beside the title
 * @csspart connection - whether the page is live
 * @csspart pause - the button that holds changes back
 * @csspart menu-button - what opens a menu
 * @csspart figures - the card with figures and chart
 * @csspart stats - the figures
 * @csspart chart - the chart
 * @csspart tabs - the tabs
 * @csspart tab - one tab
 * @csspart screen - what a tab shows
 * @csspart filters - the line with menus and search
 * @csspart search - the search box
 * @csspart search-input - where one types
 * @csspart chip - a filter that holds
 * @csspart csv - the button of the export
 * @csspart table - the rows with their heads
 * @csspart row - one row
 * @csspart bulk - what may be done with the chosen rows
 * @csspart footer - the line below the rows
 * @csspart notice - what stands where there are no rows
 * @csspart toast - a short message
 * @csspart detail - the panel of an open task
 */
export const innerParts =
  'header,heading,environment,connection,pause,menu-button,stats,chart,tabs,tab,filters,search,search-input,chip,csv,' +
  'table,row,bulk,footer,notice,toast'

/** Lets each element of a class hand the parts of its shadow root on to the one around it. */
export function handOnParts(element: CustomElementConstructor): void {
  const hostConnected = (host: LitElement) => () => host.setAttribute('exportparts', innerParts)
  ;(element as unknown as typeof LitElement).addInitializer((host) =>
    host.addController({ hostConnected: hostConnected(host as LitElement) }),
  )
}
