import { describe, expect, it } from 'vitest';
import type { Lesion, StudyDetail } from '../../ipc';
import { detail_of } from '../../ipc/fake/detail';
import { row } from '../../ipc/fake/studies';
import { finding_lines, technique, told_lesions, with_lines } from './narrative';
import { moved } from './order';

const counted = (given: Partial<Lesion['decisions']>): Lesion['decisions'] => ({
  ...{ accepted: 0, rejected: 0, changed: 0, unsure: 0, undecided: 0 },
  ...given,
});

/** A study of 60 MR slices with these lesions. */
function study(lesions: Partial<Lesion>[]): StudyDetail {
  const source = { ...row(0), modality: 'MR', state: 'flagged' as const, flagged: true, score: 0.9, instances: 60 };
  const whole = detail_of(source, [], false);
  const made = lesions.map((part): Lesion => ({
    series_instance_uid: whole.series[0]?.series_instance_uid ?? '',
    label: 'hyperintense lesion',
    model_label: 'hyperintense lesion',
    decision: 'accepted',
    told: true,
    decisions: counted({ [part.decision ?? 'accepted']: 1 }),
    findings: ['1'],
    shown_at: { sop_instance_uid: whole.series[0]?.slices[22]?.sop_instance_uid ?? '', frame: 0 },
    score: 0.8,
    threshold: 0.5,
    first_slice: 23,
    last_slice: 23,
    diameter_mm: 12.34,
    extent_px: [20, 20],
    notes: [],
    ...part,
  }));
  return { ...whole, lesions: made };
}

describe('from lesions to text', () => {
  it('tells a lesion with its place, size, score and decision', () => {
    expect(finding_lines(study([{ score: 0.873 }]))).toEqual([
      'Hyperintense lesion: slice 23, series 1 (FLAIR axial), 12.3 mm, score 0.873 (threshold 0.500), accepted.',
    ]);
  });

  it('tells none without a decision', () => {
    const undecided = study([{ decision: null, told: false }]);
    expect(finding_lines(undecided)).toEqual([]);
    expect(told_lesions(undecided)).toEqual([]);
  });

  it('names the slices that it goes through, in the order that the program gave', () => {
    const lines = finding_lines(
      study([
        { first_slice: 21, last_slice: 23, score: 0.94, diameter_mm: 8.25 },
        { first_slice: 40, last_slice: 40, score: 0.6, decision: 'unsure' },
      ]),
    );
    expect(lines).toEqual([
      'Hyperintense lesion: slices 21 to 23, series 1 (FLAIR axial), 8.3 mm, score 0.940 (threshold 0.500), accepted.',
      expect.stringContaining('unsure.'),
    ]);
  });

  it('tells decisions that differ with the number of findings of each', () => {
    const mixed = { findings: ['1', '2', '3', '4', '5', '6'], first_slice: 4, last_slice: 9 };
    const [one, two] = finding_lines(
      study([
        { ...mixed, decisions: counted({ accepted: 1, undecided: 5 }) },
        { ...mixed, decisions: counted({ accepted: 2, changed: 1, unsure: 1, undecided: 2 }) },
      ]),
    );
    expect(one).toContain('accepted (1 of 6 findings).');
    expect(two).toContain(
      'accepted (2 of 6 findings), changed by the reader (1 of 6 findings), unsure (1 of 6 findings).',
    );
  });

  it('uses the reader’s words where the label was changed, and adds the notes', () => {
    const [line] = finding_lines(
      study([{ label: 'old infarct', decision: 'changed', notes: ['Known since 2019.', 'Unchanged.'] }]),
    );
    expect(line).toBe(
      'Old infarct: slice 23, series 1 (FLAIR axial), 12.3 mm, score 0.800 (threshold 0.500), changed by the reader from “hyperintense lesion”. Known since 2019. Unchanged.',
    );
  });

  it('invents no size where the image gives no spacing', () => {
    const [line] = finding_lines(study([{ diameter_mm: null, extent_px: [30, 40] }]));
    expect(line).toContain('30 × 40 pixels (no size in mm');
  });

  it('describes the technique from the series', () => {
    expect(technique(study([]))).toBe(
      'MR, brain.\nSeries 1 (FLAIR axial): 60 images, slice thickness 2.5 mm.\nSeries 2 (T2 axial): 60 images, slice thickness 2.5 mm.',
    );
  });
});

describe('lines that are added to a text', () => {
  it('adds at the end what does not stand there yet, and touches nothing else', () => {
    expect(with_lines('', ['a', 'b'])).toEqual({ added: 'a\nb', count: 2 });
    expect(with_lines('mine', ['a'])).toEqual({ added: '\na', count: 1 });
    expect(with_lines('mine\n', ['a'])).toEqual({ added: 'a', count: 1 });
    expect(with_lines('  a \nmine', ['a', 'b'])).toEqual({ added: '\nb', count: 1 });
    expect(with_lines('b\na', ['a', 'b'])).toBeNull();
  });
});

describe('the order of key images', () => {
  it('moves one by one place and stays as it is at the ends', () => {
    const list = ['a', 'b', 'c'];
    expect(moved(list, 0, 1)).toEqual(['b', 'a', 'c']);
    expect(moved(list, 2, -1)).toEqual(['a', 'c', 'b']);
    expect(moved(list, 0, -1)).toBe(list);
    expect(moved(list, 2, 1)).toBe(list);
    expect(moved(list, 9, 1)).toBe(list);
  });
});
