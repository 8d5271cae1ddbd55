import { describe, expect, it } from 'vitest';
import type { AnalysisWire, FindingWire } from '../ipc';
import { plain_stack } from '../viewer/testing';
import { analyses_by_frame, analysis_of, middle_of, offered, step, summary, zoom_for } from './findings';

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
    refusal: null,
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
const refused = (sop: string): AnalysisWire =>
  analysis(sop, {
    score: null,
    input: { verdict: 'out_of_range', reason: 'too young', score: null },
    reason: { words: 'too young', coded: null },
    refusal: 'other_kind',
  });

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

  it('belong to the analysis that reached its limit on their frame', () => {
    const plain = analysis('1.0', {
      model: { bundle: 'x', version: '1', weights_sha256: '' },
      analysed_at: Date.UTC(2026, 1, 1),
    });
    const flagged = analysis('1.0', { flagged: true });
    const [slice] = stack.slices;
    if (slice === undefined) throw new Error('no slice');
    const outlined = analysis('1.0', { says: 'where', outlined: true });
    expect(analysis_of(analyses_by_frame([flagged, plain]), slice)).toBe(flagged);
    expect(analysis_of(analyses_by_frame([outlined, plain]), slice)).toBe(outlined);
    expect(analysis_of(analyses_by_frame([outlined, flagged]), slice)).toBe(flagged);
    expect(analysis_of(analyses_by_frame([]), slice)).toBeNull();
  });
});

describe('what the model says of a study', () => {
  it('is a refusal only where no picture was accepted', () => {
    expect(summary([refused('1'), refused('2')])).toMatchObject({
      refused: { words: 'too young' },
      refused_pictures: 2,
      top: null,
    });
    expect(summary([refused('1')]).asks).toBe(false);
    expect(summary([{ ...refused('1'), refusal: 'not_stated' }]).asks).toBe(true);
    expect(summary([{ ...refused('1'), refusal: 'not_stated' }, analysis('2')]).asks).toBe(false);
    expect(summary([refused('1'), analysis('2')])).toMatchObject({
      refused: null,
      refused_pictures: 1,
      pictures: 2,
      whether: { reached: 0 },
      where: null,
    });
  });
  it('is its highest score', () => {
    const high = analysis('2', { score: 0.8, flagged: true });
    expect(summary([analysis('1'), high])).toMatchObject({
      top: high,
      whether: { top: high, reached: 1 },
      where: null,
    });
    // A head that speaks below the threshold of the score is told by its own score and limit.
    const quiet = { head: 'unusual', score: 0.981, limit: 0.98 } as const;
    const odd = { head: 'unusual', score: 0.99, limit: 0.98 } as const;
    const lesion = { head: 'lesion', score: 0.7, limit: 0.5 } as const;
    const spoken = [
      analysis('1', { flagged: true, heads: [quiet] }),
      analysis('2', { flagged: true, heads: [odd] }),
      analysis('3', { flagged: true, heads: [lesion] }),
    ];
    expect(summary(spoken).whether?.heads).toEqual([lesion, odd]);
  });
  it('is told apart for models that say where and not whether', () => {
    const where = { says: 'where', score: 0.9 } as const;
    const outlined = analysis('1', { ...where, outlined: true, findings: [finding('a'), finding('b')] });
    expect(summary([outlined, analysis('2', where)])).toMatchObject({
      whether: null,
      where: { top: outlined, reached: 1, regions: 2 },
    });
    const flagged = analysis('3', { score: 0.6, flagged: true, findings: [finding('c')] });
    expect(summary([outlined, flagged])).toMatchObject({
      top: outlined,
      whether: { top: flagged, reached: 1, regions: 1 },
      where: { top: outlined, reached: 1, regions: 2 },
    });
    expect(summary([refused('1')])).toMatchObject({ whether: null, where: null });
  });
});
