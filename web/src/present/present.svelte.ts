import { carried, isPresent, presented } from './address';

let presenting = $state(false);

/** Whether the page is being shown to a hall. */
export function isPresenting(): boolean {
  return presenting;
}

/** A path within the page, where the presentation goes on if there is one. */
export function staying(path: string): string {
  return presenting ? carried(path, '?present') : path;
}

/** As the address says. */
export function followPresentation(): void {
  presenting = isPresent(location.search);
}

/** Full screen where the browser allows it, which it does for a click. */
export async function enterPresentation(): Promise<void> {
  address(true);
  await document.documentElement.requestFullscreen?.().catch(() => {});
}

export async function leavePresentation(): Promise<void> {
  address(false);
  if (document.fullscreenElement !== null) await document.exitFullscreen().catch(() => {});
}

function address(on: boolean): void {
  const { pathname, search, hash } = location;
  history.replaceState(history.state, '', presented(pathname + search + hash, on));
  presenting = on;
}
