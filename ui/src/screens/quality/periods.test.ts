import { describe, expect, it } from 'vitest';
import type { DayQuality } from '../../ipc';
import { compare, steps } from './periods';

const day = (name: string, part: Partial<DayQuality> = {}): DayQuality => ({
  day: name,
  bundle: 'b',
  analyses: 10,
  flagged: 2,
  outlined: 0,
  says_where: 0,
  refused: 0,
  mean_score: 0.2,
  histogram: [5, 3, 0, 0, 0, 0, 0, 2, 0, 0],
  ...part,
});

describe('steps of a chart', () => {
  it('shows days without an analysis as empty, from the first with one to the last', () => {
    const found = steps([day('2026-02-27'), day('2026-03-02')], '2026-03-03');
    expect(found.map((one) => one.from)).toEqual([
      '2026-02-27',
      '2026-02-28',
      '2026-03-01',
      '2026-03-02',
      '2026-03-03',
    ]);
    expect(found.map((one) => one.analyses)).toEqual([10, 0, 0, 10, 0]);
    expect(found[1]).toMatchObject({ mean_score: null, scored: 0 });
  });

  it('gathers weeks where days would be too many, and loses none', () => {
    const days = Array.from({ length: 365 }, (_, at) =>
      day(new Date(Date.UTC(2026, 0, 1 + at)).toISOString().slice(0, 10)),
    );
    const found = steps(days, '2026-12-31');
    expect(found).toHaveLength(53);
    expect(found.reduce((sum, one) => sum + one.analyses, 0)).toBe(3650);
    expect(found.at(-1)).toMatchObject({ from: '2026-12-25', to: '2026-12-31', analyses: 70 });
  });

  it('weighs the mean by the scores of each day', () => {
    const [found] = steps(
      [
        day('2026-03-02', { mean_score: 0.1, histogram: [9, 0, 0, 0, 0, 0, 0, 0, 0, 0] }),
        day('2026-03-02', { mean_score: 0.9, histogram: [0, 0, 0, 0, 0, 0, 0, 0, 0, 1] }),
      ],
      '2026-03-02',
    );
    expect(found?.mean_score).toBeCloseTo(0.18, 9);
  });

  it('is empty without a day', () => {
    expect(steps([], '2026-03-02')).toEqual([]);
  });
});

describe('the earlier half against the later', () => {
  const many = (name: string, flagged: number): DayQuality =>
    day(name, { analyses: 210, refused: 10, flagged, histogram: [200 - flagged, 0, 0, 0, 0, 0, 0, 0, flagged, 0] });

  it('cuts the chosen days at their middle', () => {
    const found = compare([many('2026-03-01', 20), many('2026-03-30', 20)], 30, '2026-03-30');
    expect([found.first.from, found.first.to, found.last.from, found.last.to]).toEqual([
      '2026-03-01',
      '2026-03-15',
      '2026-03-16',
      '2026-03-30',
    ]);
    expect(found.flagged.verdict).toBe('same');
    expect(found.enough).toBe(true);
  });

  it('speaks of more or less only where chance alone would hardly make it', () => {
    expect(compare([many('2026-03-01', 20), many('2026-03-30', 60)], 30, '2026-03-30').flagged.verdict).toBe('more');
    expect(compare([many('2026-03-01', 60), many('2026-03-30', 20)], 30, '2026-03-30').flagged.verdict).toBe('less');
    expect(compare([many('2026-03-01', 20), many('2026-03-30', 24)], 30, '2026-03-30').flagged.verdict).toBe('same');
    const where = (name: string, outlined: number): DayQuality =>
      day(name, {
        analyses: 200,
        refused: 0,
        flagged: 0,
        outlined,
        says_where: 200,
        histogram: [200, ...Array<number>(9).fill(0)],
      });
    const found = compare([where('2026-03-01', 20), where('2026-03-30', 60)], 30, '2026-03-30');
    expect([found.flagged.interval, found.outlined.verdict]).toEqual([null, 'more']);
  });

  it('says when too little was analysed to compare', () => {
    const found = compare([day('2026-03-30')], 30, '2026-03-30');
    expect(found.enough).toBe(false);
    expect(found.flagged).toEqual({ interval: null, verdict: 'same' });
  });
});
