import { describe, expect, it } from 'vitest';
import type { AnalysisWire, Decision, FindingWire, Review, StudyDetail } from '../../ipc';
import { detail_of } from '../../ipc/fake/detail';
import { row } from '../../ipc/fake/studies';
import { best_of, finding_lines, kept_findings, lesions, technique, with_lines } from './narrative';
import { moved } from './order';

const review = (decision: Decision, part: Partial<Review> = {}): Review => ({
  finding_id: '',
  decision,
  note: null,
  reader: 'admin',
  decided_at: Date.UTC(2026, 10, 24, 10),
  ...part,
});

const region = ([x, y, width, height]: [number, number, number, number]): FindingWire['region'] => ({
  bounds: { x, y, width, height },
  peak: { x: 20, y: 20 },
  area_px: 300,
  area_mm2: null,
  outlines: [],
});

/** A study of 60 MR slices with the findings that are asked for. */
function study(
  found: {
    slice: number;
    box?: [number, number, number, number];
    score?: number;
    mm?: number | null;
    label?: string;
    review: Review | null;
  }[],
): StudyDetail {
  const source = {
    ...row(0),
    modality: 'MR',
    state: 'flagged' as const,
    flagged: true,
    score: 0.9,
    instances: 60,
    findings_reviewed: 0,
  };
  const whole = detail_of(source, [], false);
  const analyses = whole.analyses.map((analysis, at): AnalysisWire => ({
    ...analysis,
    findings: found
      .filter((one) => one.slice === at + 1)
      .map((one, n): FindingWire => ({
        region: region(one.box ?? [10, 10, 20, 20]),
        id: `${one.slice}-${n}`,
        label: one.label ?? 'hyperintense lesion',
        score: one.score ?? 0.8,
        diameter_mm: one.mm === undefined ? 12.34 : one.mm,
        note_draft: null,
        review: one.review,
      })),
  }));
  return { ...whole, analyses };
}

describe('from findings to text', () => {
  it('tells a finding with its place, size, score and decision', () => {
    expect(finding_lines(study([{ slice: 23, score: 0.873, review: review('accepted') }]))).toEqual([
      'Hyperintense lesion: slice 23, series 1 (FLAIR axial), 12 mm, score 0.873 (threshold 0.500), accepted.',
    ]);
  });

  it('tells neither rejected findings nor those without a decision', () => {
    expect(
      finding_lines(
        study([
          { slice: 3, review: review('rejected') },
          { slice: 9, review: null },
        ]),
      ),
    ).toEqual([]);
  });

  it('gives one line to a lesion that goes through several slices, with its largest size and highest score', () => {
    const lines = finding_lines(
      study(
        [21, 22, 23].map((slice) => ({
          slice,
          score: slice === 22 ? 0.94 : 0.7,
          mm: slice === 23 ? 8.25 : 4,
          review: review('accepted'),
        })),
      ),
    );
    expect(lines).toEqual([
      'Hyperintense lesion: slices 21 to 23, series 1 (FLAIR axial), 8.3 mm, score 0.940 (threshold 0.500), accepted.',
    ]);
  });

  it('shows a lesion where its score is highest, and of equal scores where it is largest', () => {
    const found = study([21, 22, 23].map((slice) => ({ slice, score: 0.8, review: review('accepted') })));
    const [group = []] = lesions(kept_findings(found));
    const sized = group.map((one, at) => ({
      ...one,
      finding: { ...one.finding, region: { ...one.finding.region, area_px: [100, 300, 200][at] ?? 0 } },
    }));
    expect(best_of(sized).place.slice).toBe(22);
    expect(
      best_of(sized.map((one, at) => ({ ...one, finding: { ...one.finding, score: at === 2 ? 0.9 : 0.8 } }))).place
        .slice,
    ).toBe(23);
  });

  it('keeps apart what lies elsewhere, was decided otherwise, or is not on the next slice', () => {
    const groups = (found: Parameters<typeof study>[0]): number => lesions(kept_findings(study(found))).length;
    expect(
      groups([
        { slice: 5, review: review('accepted') },
        { slice: 6, box: [200, 10, 20, 20], review: review('accepted') },
      ]),
    ).toBe(2);
    expect(
      groups([
        { slice: 5, review: review('accepted') },
        { slice: 6, review: review('unsure') },
      ]),
    ).toBe(2);
    expect(
      groups([
        { slice: 5, review: review('accepted') },
        { slice: 7, review: review('accepted') },
      ]),
    ).toBe(2);
    expect(
      groups([
        { slice: 5, review: review('accepted') },
        { slice: 5, box: [12, 12, 20, 20], review: review('accepted') },
      ]),
    ).toBe(2);
    expect(
      groups([
        { slice: 5, review: review('accepted') },
        { slice: 6, review: review('accepted') },
      ]),
    ).toBe(1);
  });

  it('uses the reader’s words for a changed finding, says that it is unsure, and adds notes once', () => {
    const lines = finding_lines(
      study([
        { slice: 4, score: 0.9, review: review({ changed: { label: 'old infarct' } }, { note: 'Known since 2019.' }) },
        { slice: 5, score: 0.8, review: review({ changed: { label: 'old infarct' } }, { note: 'Known since 2019.' }) },
        { slice: 40, score: 0.6, review: review('unsure') },
      ]),
    );
    expect(lines[0]).toBe(
      'Old infarct: slices 4 to 5, series 1 (FLAIR axial), 12 mm, score 0.900 (threshold 0.500), changed by the reader from “hyperintense lesion”. Known since 2019.',
    );
    expect(lines[1]).toContain('unsure.');
  });

  it('invents no size where the picture gives no spacing', () => {
    const [line] = finding_lines(study([{ slice: 2, mm: null, box: [1, 2, 30, 40], review: review('accepted') }]));
    expect(line).toContain('30 × 40 pixels (no size in mm');
    expect(line).not.toContain('NaN');
    expect(line).not.toContain('Infinity');
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
