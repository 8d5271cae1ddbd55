import { expect, it } from 'vitest';
import { History } from './history';

function kept(): {
  history: History;
  at: { now: number };
  value: { now: number };
  set: (of: string, to: number) => void;
} {
  const at = { now: 0 };
  const value = { now: 0 };
  const history = new History(() => at.now);
  const set = (of: string, to: number): void => {
    const before = value.now;
    value.now = to;
    history.add({ of, undo: () => (value.now = before), redo: () => (value.now = to) });
  };
  return { history, at, value, set };
}

it('goes back and forth', () => {
  const { history, at, value, set } = kept();
  set('a', 1);
  at.now = 5000;
  set('a', 2);
  history.undo();
  expect(value.now).toBe(1);
  history.undo();
  expect(value.now).toBe(0);
  expect(history.can_undo).toBe(false);
  history.redo();
  history.redo();
  expect(value.now).toBe(2);
  expect(history.can_redo).toBe(false);
});

it('takes a drag for one step, and another thing for another', () => {
  const { history, at, value, set } = kept();
  for (let step = 1; step <= 5; step += 1) {
    at.now += 16;
    set('window', step);
  }
  set('zoom', 9);
  history.undo();
  expect(value.now).toBe(5);
  history.undo();
  expect(value.now).toBe(0);
});

it('forgets what was undone when something new is done', () => {
  const { history, at, value, set } = kept();
  set('a', 1);
  history.undo();
  at.now = 5000;
  set('b', 7);
  history.redo();
  expect(value.now).toBe(7);
  history.undo();
  expect(value.now).toBe(0);
});
