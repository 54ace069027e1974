/** `Zone` of zone.js; a page may have something else under this name. */
interface Zones {
  root?: { run?(callback: () => void): void }
}

/**
 * Runs the callback outside all zones, and with it everything that it starts.
 *
 * zone.js wraps timers, requests and listeners, so that Angular checks the page for changes after each of them, and considers
 * it unstable while one is pending (https://angular.dev/best-practices/zone-pollution). Angular learns nothing of what runs in
 * the root zone.
 */
export const runOutsideZones = (callback: () => void): void => {
  const { root } = (globalThis as { Zone?: Zones }).Zone ?? {}
  if (root?.run) root.run(callback)
  else callback()
}
