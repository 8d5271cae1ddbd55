import { describe, expect, it } from 'vitest';
import type { Counterparts } from '../ipc';
import { Links, apart } from './linked';
import { index_of, stack_of } from './stack';
import { instance_of, plain_stack, series_of, slice_of } from './testing';

describe('links between stacks', () => {
  const [one, two] = [plain_stack('1', 3), plain_stack('2', 2)];
  const told: Counterparts = { places: [0, 1, 1], by_place: [true, true, true] };

  it('are asked for once, and known from the answer on', async () => {
    const asked: string[] = [];
    const links = new Links(async (from, to) => {
      asked.push(`${from} ${to}`);
      return told;
    });
    expect(links.known(one, two)).toBeNull();
    await Promise.all([links.ask(one, two), links.ask(one, two)]);
    expect(links.known(one, two)).toBe(told);
    expect(links.known(two, one)).toBeNull();
    // A series that got more slices is asked for again.
    await links.ask(plain_stack('1', 4), two);
    expect(asked).toEqual(['1.s 2.s', '1.s 2.s']);
  });

  it('are asked for again after a failure', async () => {
    let times = 0;
    const links = new Links(async () => {
      times += 1;
      if (times === 1) throw new Error('away');
      return told;
    });
    await expect(links.ask(one, two)).rejects.toThrow('away');
    await links.ask(one, two);
    expect(links.known(one, two)).toBe(told);
  });

  it('keep the distance that a person set, where no place in the patient tells', () => {
    expect(apart({ places: [0, 1, 1], by_place: [false, false, false] }, 1, 4)).toBe(3);
    expect(apart(told, 1, 4)).toBe(0);
    expect(apart({ places: [], by_place: [] }, 1, 4)).toBe(0);
  });
});

describe('a stack', () => {
  it('has the slices that the program sent, in its order', () => {
    const [a, b, document] = ['a', 'b', 'c'].map((sop_instance_uid) => instance_of({ sop_instance_uid }));
    if (a === undefined || b === undefined || document === undefined) throw new Error('three files were made');
    const planes = [
      slice_of({ sop_instance_uid: 'b', frame: 1, name: 2 }),
      slice_of({ sop_instance_uid: 'a', unit: 'HU' }),
      slice_of({ sop_instance_uid: 'b', frame: 0, name: 1 }),
    ];
    const stack = stack_of('1', series_of([a, b, document], planes));
    expect(stack.slices.map(({ instance, frame }) => [instance.sop_instance_uid, frame])).toEqual([
      ['b', 1],
      ['a', 0],
      ['b', 0],
    ]);
    expect(new Set(stack.slices.map((slice) => slice.id)).size).toBe(3);
    expect(stack.slices[1]?.plane.unit).toBe('HU');
    expect(index_of(stack, 'b', 0)).toBe(2);
    expect(index_of(stack, 'c', 0)).toBe(-1);
  });

  it('leaves out a slice whose file it does not know', () => {
    expect(stack_of('1', series_of([], [slice_of()])).slices).toEqual([]);
  });
});
