/** Calls `lock` when nobody has touched the machine for the set minutes. A machine that slept counts the time it slept. */
const LOOK_MS = 5_000;

export function is_due(last_touch_ms: number, now_ms: number, minutes: number): boolean {
  return minutes > 0 && now_ms - last_touch_ms >= minutes * 60_000;
}

export function watch_idle(minutes: () => number, lock: () => void): () => void {
  let last = Date.now();
  const touch = (): void => void (last = Date.now());
  const signs = ['pointermove', 'pointerdown', 'keydown', 'wheel'] as const;
  for (const sign of signs) addEventListener(sign, touch, { capture: true, passive: true });
  const look = (): void => {
    if (is_due(last, Date.now(), minutes())) lock();
  };
  const timer = setInterval(look, LOOK_MS);
  addEventListener('focus', look);
  return () => {
    for (const sign of signs) removeEventListener(sign, touch, { capture: true });
    removeEventListener('focus', look);
    clearInterval(timer);
  };
}
