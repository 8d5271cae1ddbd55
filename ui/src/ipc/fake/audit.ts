/** A made-up audit log under the program's own names, newest first. */
import type { AuditCheck, AuditPage, AuditRow } from '../generated/wire';
import { uid_of } from './studies';

const total = 2400;
const kinds = [
  ['User Authentication', 'user_authentication', 'E', {}],
  ['Data Import', 'data_import', 'C', { instances: 60, already_there: 3, format: 'dicom' }],
  ['Procedure Record', 'analyze', 'C', { bundle: 'brain-mri-flair', version: '0.1.0', frames: 60 }],
  ['DICOM Instances Accessed', 'instances_accessed', 'R', { instances: 60 }],
  [
    'Procedure Record',
    'review',
    'U',
    {
      decision: 'changed',
      label: 'old infarct',
      changes: [
        { table: 'review', id: 7 },
        { table: 'worklist', id: 3 },
      ],
    },
  ],
  ['Procedure Record', 'report_form', 'U', {}],
  ['Data Export', 'data_export', 'R', { format: 'pdf', bytes: 48_211, sha256: 'c0ffee'.repeat(10) }],
  ['User Authentication', 'authentication_failure', 'E', { tried: 'admin' }],
] as const;
const without_study: readonly string[] = ['user_authentication', 'authentication_failure'];

function row(seq: number): AuditRow {
  const [event, op, action, detail] = kinds[seq % kinds.length] ?? kinds[0];
  const failed = op === 'authentication_failure';
  return {
    seq,
    at: Date.UTC(2026, 10, 24, 12) - (total - seq) * 340_000,
    user: seq % 5 === 0 ? 'a reader with quite a long name of كريم' : 'admin',
    role: failed ? 'none' : 'administrator',
    event,
    op,
    action,
    outcome: failed ? 'minor_failure' : 'success',
    subject: without_study.includes(op) ? null : uid_of(seq % 200),
    detail: JSON.stringify(detail),
  };
}

export function audit_rows(find: string, before: number | null, limit: number): AuditPage {
  const words = find.toLowerCase();
  const rows: AuditRow[] = [];
  let seq = (before ?? total + 1) - 1;
  for (; seq > 0 && rows.length < limit; seq -= 1) {
    const one = row(seq);
    if (words === '' || Object.values(one).join(' ').toLowerCase().includes(words)) rows.push(one);
  }
  return { rows, next: seq > 0 ? seq + 1 : null };
}

export function audit_check(): AuditCheck {
  return { intact: true, rows: total, problem: null };
}
