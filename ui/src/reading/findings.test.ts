import { describe, expect, it } from 'vitest';
import type { AnalysisWire, FindingWire } from '../ipc';
import { plain_stack } from '../viewer/testing';
import {
  analyses_by_frame,
  analysis_of,
  middle_of,
  nothing_said,
  offered,
  says_point,
  step,
  summary,
  zoom_for,
} from './findings';

const finding = (id: string, score = 0.9): FindingWire => ({
  id,
  label: 'lesion',
  score,
  region: {
    bounds: { x: 10, y: 20, width: 30, height: 40 },
    peak: { x: 20, y: 30 },
    area_px: 100,
    area_mm2: null,
    outlines: [],
  },
  diameter_mm: null,
  review: null,
  note_draft: null,
});

function analysis(sop_instance_uid: string, part: Partial<AnalysisWire> = {}): AnalysisWire {
  return {
    sop_instance_uid,
    frame: 0,
    model: { bundle: 'b', version: '1', weights_sha256: '' },
    input: { verdict: 'in_range', reason: null, score: 1 },
    reason: null,
    app_version: '1',
    score: 0.1,
    says: 'whether',
    reached: false,
    flagged: false,
    outlined: false,
    heads: [],
    operating_point: {
      name: 'p',
      threshold: 0.5,
      sensitivity: { value: 0.9, low: null, high: null },
      specificity: { value: 0.9, low: null, high: null },
      set: { pack: 's', subset: null, split: null, images: null, patients: null },
      chosen_on_it: false,
      patients: null,
    },
    findings: [],
    has_map: true,
    device: 'cpu',
    precision: 'fp32',
    milliseconds: { decode: 1, preprocess: 1, infer: 1, post: 1, total: 4 },
    analysed_at: Date.UTC(2026, 0, 1),
    analysed_by: 'a',
    ...part,
  };
}

describe('the findings of a study', () => {
  const stack = plain_stack('1', 3);
  const list = offered(
    [stack],
    [
      analysis('1.2', { findings: [finding('c', 0.6), finding('b', 0.8)] }),
      analysis('1.0', { findings: [finding('a')] }),
    ],
  );

  it('come slice by slice, the strongest first', () => {
    expect(list.map((one) => [one.finding.id, one.index])).toEqual([
      ['a', 0],
      ['b', 2],
      ['c', 2],
    ]);
  });

  it('are stepped through round and round', () => {
    expect(step(list, null, 1)?.finding.id).toBe('a');
    expect(step(list, null, -1)?.finding.id).toBe('c');
    expect(step(list, 'c', 1)?.finding.id).toBe('a');
    expect(step(list, 'a', -1)?.finding.id).toBe('c');
    expect(step([], null, 1)).toBeNull();
  });

  it('are centred on their box, near enough to be seen', () => {
    expect(middle_of(finding('a'))).toEqual([25, 40]);
    expect(zoom_for(finding('a'), 100, 100)).toBe(1);
    expect(zoom_for(finding('a'), 2000, 2000)).toBe(2.5);
  });

  it('belong to the analysis of their frame', () => {
    const [first, second] = stack.slices;
    if (first === undefined || second === undefined) throw new Error('no slice');
    const one = analysis('1.0', { flagged: true });
    const by_frame = analyses_by_frame([one, analysis('1.2')]);
    expect(analysis_of(by_frame, first)).toBe(one);
    expect(analysis_of(by_frame, second)).toBeNull();
  });
});

describe('what the model says of a study', () => {
  it('is what the program says, with the analyses that it points to', () => {
    const [plain, high] = [analysis('1'), analysis('2', { score: 0.8, flagged: true })];
    const flag = { head: 'lesion', score: 0.8, limit: 0.5 } as const;
    const told = { refused: null, refusal: null, refused_images: 1, images: 3, top: 1, where: null };
    const whether = { top: 1, reached: 1, regions: 2, heads: [flag] };
    expect(summary({ analyses: [plain, high], summary: { ...told, whether } })).toEqual({
      refused: null,
      asks: false,
      refused_pictures: 1,
      pictures: 3,
      top: high,
      whether: { top: high, reached: 1, regions: 2, heads: [flag] },
      where: null,
    });
    const nothing = { ...told, images: 0, refused_images: 0, top: null, whether: null };
    expect(summary({ analyses: [], summary: nothing })).toEqual(nothing_said);
    expect(summary({ analyses: [], summary: { ...nothing, refusal: 'not_stated' } }).asks).toBe(true);
  });
});

describe('the operating point', () => {
  it('is told once: a card names it only where the answer for the study does not', () => {
    const top = analysis('1.0');
    const other = { ...top.operating_point, threshold: 0.7 };
    const said = { top, reached: 1, regions: 1, heads: [] };
    const refused = { words: 'no', coded: null };
    for (const [told, one, expected] of [
      [nothing_said, top, false],
      [{ ...nothing_said, whether: said }, top, true],
      [{ ...nothing_said, where: said }, analysis('1.1'), true],
      [{ ...nothing_said, where: said }, analysis('1.1', { operating_point: other }), false],
      [{ ...nothing_said, where: said }, { ...top, model: { ...top.model, version: '2' } }, false],
      // Nothing but the refusal is said of the study.
      [{ ...nothing_said, whether: said, refused }, top, false],
    ] as const)
      expect(says_point(told, one)).toBe(expected);
  });
});
