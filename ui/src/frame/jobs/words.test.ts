import { describe, expect, it } from 'vitest';
import type { AnalyzeSummary, JobInfo } from '../../ipc';
import { outcome } from './words';

const done = (part: Partial<AnalyzeSummary>): string => {
  const analyze: AnalyzeSummary = {
    analyses: 9,
    hidden: 0,
    flagged: 0,
    outlined: 0,
    says_where: 0,
    refused: 0,
    failed: [],
    failed_unlisted: 0,
    ...part,
  };
  return outcome({ state: 'done', code: null, import: null, analyze, export: null, backup: null } as JobInfo);
};

describe('how an analysis ended', () => {
  it('counts flags of models that say whether, and outlines of those that say where', () => {
    expect(done({ flagged: 2 })).toBe('9 images analysed, 2 flagged');
    expect(done({})).toBe('9 images analysed, 0 flagged');
    expect(done({ says_where: 9, outlined: 3 })).toBe('9 images analysed, 3 outlined');
    expect(done({ says_where: 9 })).toBe('9 images analysed, 0 outlined');
    expect(done({ says_where: 5, outlined: 1, flagged: 2 })).toBe('9 images analysed, 2 flagged, 1 outlined');
    expect(done({ says_where: 7, outlined: 1, refused: 2 })).toMatch(/^9 images analysed, 1 outlined, 2 refused/);
    expect(done({ refused: 9 })).toMatch(/^9 images analysed, 9 refused/);
  });
});
