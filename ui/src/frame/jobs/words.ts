/** A job in words: what it is about, how far it is, and how it ended. */
import type { JobInfo, Phase } from '../../ipc';
import { bytes, number, span } from '../../words/format';
import { t, type Key } from '../../words/index.svelte';

const phases: Record<Phase, Key> = {
  'looking for files': 'job.phase.looking_for_files',
  importing: 'job.phase.importing',
  'loading the model': 'job.phase.loading_the_model',
  analysing: 'job.phase.analysing',
  'analysing studies': 'job.phase.analysing_studies',
  'writing the report': 'job.phase.writing_the_report',
  copying: 'job.phase.copying',
  checking: 'job.phase.checking',
};

export function title(job: JobInfo): string {
  const kind = t(`job.${job.kind}`);
  return job.subject === null ? kind : t('job.of', { kind, subject: job.subject });
}

/** "storing · 120 of 400 · 60 a second · 5 s left", of what is known. */
export function progress(job: JobInfo): string {
  if (job.state === 'queued') return t('job.queued');
  const phase = job.phase === null ? '' : t(phases[job.phase]);
  const count =
    job.total > 0 ? t('job.count', { done: job.done, total: job.total }) : job.done > 0 ? number(job.done) : '';
  const rate =
    job.per_second === null ? '' : t('job.rate', { rate: number(job.per_second, job.per_second < 10 ? 1 : 0) });
  const left = job.seconds_left === null ? '' : t('job.left', { span: span(job.seconds_left) });
  return [phase, count, rate, left].filter((part) => part !== '').join(' · ');
}

export function outcome(job: JobInfo): string {
  if (job.state === 'canceled') return t('job.canceled');
  if (job.code === 'set_aside')
    return [t('job.set_aside'), job.working_on === null ? '' : t('job.working_on', { what: job.working_on })]
      .filter((part) => part !== '')
      .join(' ');
  if (job.state === 'failed') return t('job.failed');
  if (job.import !== null) {
    const { imported, already_there, without_image, nameless, unread, beside, studies } = job.import;
    return [
      t('job.imported', { count: imported }),
      t('job.studies', { count: studies.length }),
      already_there > 0 ? t('job.already_there', { count: already_there }) : '',
      unread > 0 ? t('job.unread', { count: unread }) : '',
      without_image > 0 ? t('job.no_image', { count: without_image }) : '',
      nameless > 0 ? t('job.nameless', { count: nameless }) : '',
      beside > 0 ? t('job.beside', { count: beside }) : '',
    ]
      .filter((part) => part !== '')
      .join(', ');
  }
  if (job.analyze !== null) {
    const { analyses, hidden, flagged, outlined, says_where, refused, failed } = job.analyze;
    /** answers of models that say whether */
    const says_whether = analyses - hidden - refused - says_where;
    return [
      t('job.analysed', { count: analyses }),
      hidden > 0 ? t('job.hidden', { count: hidden }) : '',
      says_whether > 0 || analyses === 0 ? t('job.flagged', { count: flagged }) : '',
      says_where > 0 ? t('job.outlined', { count: outlined }) : '',
      refused > 0 ? t('job.refused', { count: refused }) : '',
      failed.length > 0 ? t('job.not_analysed', { count: failed.length }) : '',
    ]
      .filter((part) => part !== '')
      .join(', ');
  }
  if (job.export !== null) return t('job.exported', { file: job.export.file, size: bytes(job.export.bytes) });
  if (job.backup !== null) {
    const { folder, studies, bytes: size, verified } = job.backup;
    return t(verified ? 'job.backed_up' : 'job.backed_up_unverified', { folder, count: studies, size: bytes(size) });
  }
  return t('job.done');
}
