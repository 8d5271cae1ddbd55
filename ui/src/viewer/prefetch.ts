/** In which order the frames around the shown one are fetched. */

/**
 * Indices around `current`, nearest first, three ahead for each one behind; `direction` is where the person scrolls.
 * At most `room` of them, so that prefetching never throws out what it fetched itself.
 */
export function prefetch_order(count: number, current: number, direction: 1 | -1, room: number): number[] {
  const ahead: number[] = [];
  const behind: number[] = [];
  for (let step = 1; step < count; step += 1) {
    const on = current + direction * step;
    const back = current - direction * step;
    if (on >= 0 && on < count) ahead.push(on);
    if (back >= 0 && back < count) behind.push(back);
  }
  const order: number[] = [];
  while (ahead.length + behind.length > 0 && order.length < room) {
    order.push(...ahead.splice(0, 3), ...behind.splice(0, 1));
  }
  return order.slice(0, Math.max(0, room));
}

/** How many frames of `frame_bytes` prefetching may hold: most of the budget, the rest is for what comes next. */
export function prefetch_room(budget_bytes: number, frame_bytes: number): number {
  if (!(frame_bytes > 0)) return 0;
  return Math.floor((budget_bytes * 0.75) / frame_bytes);
}
