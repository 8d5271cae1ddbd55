/** In which order the frames around the shown one are fetched. */

/**
 * Indices around `current`, nearest first, three ahead for each one behind; `direction` is where the person scrolls.
 * At most `room` of them, so that prefetching never throws out what it fetched itself.
 */
export function prefetch_order(count: number, current: number, direction: 1 | -1, room: number): number[] {
  const order: number[] = [];
  const most = Math.min(room, count - 1);
  let on = 1;
  let back = 1;
  const there = (index: number): boolean => index >= 0 && index < count;
  while (order.length < most) {
    const before = order.length;
    for (let ahead = 0; ahead < 3 && order.length < most && there(current + direction * on); ahead += 1, on += 1)
      order.push(current + direction * on);
    if (order.length < most && there(current - direction * back)) {
      order.push(current - direction * back);
      back += 1;
    }
    if (order.length === before) break;
  }
  return order;
}

/** How many frames of `frame_bytes` prefetching may hold: most of the budget, the rest is for what comes next. */
export function prefetch_room(budget_bytes: number, frame_bytes: number): number {
  if (!(frame_bytes > 0)) return 0;
  return Math.floor((budget_bytes * 0.75) / frame_bytes);
}
