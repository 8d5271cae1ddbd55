import { describe, expect, it } from 'vitest';
import type { StudyDetail } from '../../ipc';
import { detail_of } from '../../ipc/fake/detail';
import { row } from '../../ipc/fake/studies';
import { hindrances, outcome_of, work_of } from './state_of_work';

const flagged = {
  ...row(0),
  modality: 'CT',
  state: 'flagged' as const,
  flagged: true,
  score: 0.9,
  instances: 60,
  findings_reviewed: 0,
};
const decided = (study: StudyDetail): StudyDetail => ({
  ...study,
  analyses: study.analyses.map((one) => ({
    ...one,
    findings: one.findings.map((finding) => ({
      ...finding,
      review: {
        finding_id: finding.id,
        decision: 'accepted' as const,
        note: null,
        reader: 'admin',
        decided_at: 0,
      },
    })),
  })),
});

describe('what hinders a signature', () => {
  it('names findings without a decision and nothing else', () => {
    const study = detail_of(flagged, [], false);
    expect(work_of(study).undecided).toBeGreaterThan(0);
    expect(work_of(study).undecided).toBe(work_of(study).findings);
    expect(hindrances(study, false, true)).toEqual(['undecided']);
    expect(hindrances(decided(study), false, true)).toEqual([]);
  });

  it('counts pictures without an analysis, by frames, and skips files without a picture', () => {
    const study = decided(detail_of({ ...flagged, study_instance_uid: row(2).study_instance_uid }, [], false));
    const instances = study.series[0]?.instances ?? [];
    expect(instances.at(-1)?.frames).toBe(0);
    expect(work_of(study)).toMatchObject({ pictures: 59, not_analysed: 0 });
    const without = { ...study, images_not_analysed: 5 };
    expect(work_of(without).not_analysed).toBe(5);
    expect(hindrances(without, false, true)).toEqual(['not_analysed']);
  });

  it('says what the gate refused, each reason once, and lets such a study be signed', () => {
    const study = detail_of({ ...flagged, state: 'refused' }, [], false);
    expect(work_of(study)).toMatchObject({
      refused: 60,
      reasons: [{ words: expect.stringContaining('trained on') }],
      not_analysed: 0,
    });
    expect(hindrances(study, false, true)).toEqual([]);
  });

  it('never says that nothing was flagged where every image was refused', () => {
    expect(outcome_of(work_of(detail_of({ ...flagged, state: 'refused' }, [], false)))).toBe('all_refused');
    const work = {
      undecided: 0,
      not_analysed: 0,
      refused: 0,
      reasons: [],
      pictures: 9,
      findings: 0,
      says_where: false,
    };
    expect(outcome_of(work)).toBe('no_findings');
    expect(outcome_of({ ...work, refused: 8 })).toBe('no_findings');
    expect(outcome_of({ ...work, refused: 9 })).toBe('all_refused');
    expect(outcome_of({ ...work, says_where: true })).toBe('no_outlines');
    expect(outcome_of({ ...work, says_where: true, refused: 9 })).toBe('all_refused');
    expect(outcome_of({ ...work, refused: 8, findings: 1 })).toBe('all_decided');
    expect(outcome_of({ ...work, pictures: 0 })).toBe('no_picture');
  });

  it('lets a study without a picture be signed', () => {
    const study = detail_of({ ...flagged, state: 'no_picture' }, [], false);
    const empty = {
      ...study,
      images: 0,
      images_not_analysed: 0,
      analyses: [],
      series: study.series.map((series) => ({
        ...series,
        instances: series.instances.map((one) => ({ ...one, frames: 0 })),
        slices: [],
      })),
    };
    expect(work_of(empty)).toMatchObject({ pictures: 0, not_analysed: 0 });
    expect(hindrances(empty, false, true)).toEqual([]);
  });

  it('says nothing of the model while its answer is hidden', () => {
    expect(hindrances(detail_of(flagged, [], true), false, true)).toEqual(['hidden']);
  });

  it('names an unsaved text and a role that may not sign', () => {
    expect(hindrances(decided(detail_of(flagged, [], false)), true, false)).toEqual(['not_permitted', 'unsaved']);
  });
});
