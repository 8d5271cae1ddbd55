/** What a study still lacks before it can be signed. The program decides in the end; this says it beforehand. Pure. */
import type { Sentence, StudyDetail } from '../../ipc';

export type Work = {
  /** findings without a decision */
  undecided: number;
  /** images the model has not looked at */
  not_analysed: number;
  /** images the input gate refused, and the reasons, each once */
  refused: number;
  reasons: Sentence[];
  pictures: number;
  findings: number;
  /** a model of it says where and not whether */
  says_where: boolean;
};

export function work_of(study: StudyDetail): Work {
  const refused = study.analyses.filter((one) => one.score === null && one.reason !== null);
  const findings = study.analyses.flatMap((one) => one.findings);
  return {
    undecided: findings.filter((one) => one.review === null).length,
    not_analysed: study.images_not_analysed,
    refused: refused.length,
    reasons: [
      ...new Map(
        refused.flatMap((one) => (one.reason === null ? [] : [[one.reason.words, one.reason] as const])),
      ).values(),
    ],
    pictures: study.images,
    findings: findings.length,
    says_where: study.analyses.some((one) => one.score !== null && one.says === 'where'),
  };
}

/** What the model's part of the work came to, once nothing is left to do; refused images were not looked at. */
export type Outcome = 'no_picture' | 'all_refused' | 'no_findings' | 'no_outlines' | 'all_decided';

export function outcome_of(work: Work): Outcome {
  if (work.pictures === 0) return 'no_picture';
  if (work.findings > 0) return 'all_decided';
  if (work.refused === work.pictures) return 'all_refused';
  return work.says_where ? 'no_outlines' : 'no_findings';
}

export type Hindrance = 'unsaved' | 'hidden' | 'analysing' | 'not_analysed' | 'undecided' | 'not_permitted';

/** Everything that keeps a study from being signed now. */
export function hindrances(study: StudyDetail, unsaved: boolean, may_sign: boolean): Hindrance[] {
  const work = work_of(study);
  const found: Hindrance[] = [];
  if (!may_sign) found.push('not_permitted');
  if (unsaved) found.push('unsaved');
  if (study.hidden) found.push('hidden');
  else if (study.state === 'analysing') found.push('analysing');
  else if (work.not_analysed > 0) found.push('not_analysed');
  if (!study.hidden && work.undecided > 0) found.push('undecided');
  return found;
}
