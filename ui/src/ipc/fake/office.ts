/** Quality and administration of the made-up vault. */
import type { AuditPage, AuditRow, DeviceInfo, Quality, QualityDay, VaultStatus } from '../generated/wire';
import { bundle } from './detail';
import { random } from './random';

export function quality(days: number): Quality {
  const from = random(99);
  const day = (at: number): QualityDay => {
    const histogram = Array.from({ length: 10 }, (_, bin) => Math.round((bin < 4 ? 30 : bin > 7 ? 14 : 5) * from.next()));
    const analyses = histogram.reduce((sum, n) => sum + n, 0);
    const flagged = histogram.slice(5).reduce((sum, n) => sum + n, 0);
    const mean_score = analyses === 0 ? null : histogram.reduce((sum, n, bin) => sum + n * (bin + 0.5) * 0.1, 0) / analyses;
    const date = new Date(Date.UTC(2026, 10, 24) - (days - 1 - at) * 86_400_000);
    return { day: date.toISOString().slice(0, 10), bundle: bundle.name, analyses, flagged, refused: from.below(4), mean_score, histogram };
  };
  const list = Array.from({ length: Math.min(days, 366) }, (_, at) => day(at));
  const sum = (of: (day: QualityDay) => number): number => list.reduce((total, one) => total + of(one), 0);
  return {
    bundles: [
      {
        bundle: bundle.name, version: bundle.version, analyses: sum((d) => d.analyses), flagged: sum((d) => d.flagged), refused: sum((d) => d.refused), findings: 312,
        accepted: 201, rejected: 44, changed: 18, unsure: 9, undecided: 40, mean_seconds: 0.056, both: 180, model_only: 31, reader_only: 12, neither: 402,
        read_first: { readings: 96, agreed: 85, mean_seconds_to_opinion: 41.5 },
      },
    ],
    days: list,
  };
}

export function vault_status(studies: number): VaultStatus {
  return {
    vault: 'Example vault', user: 'admin', role: 'administrator', format_version: 1, schema_version: 2, cipher: 'SQLCipher 4 (AES-256), files XChaCha20-Poly1305',
    patients: Math.ceil(studies * 0.8), studies, instances: studies * 31, analyses: studies * 20, findings: Math.round(studies * 0.6), reviews: Math.round(studies * 0.3), audit_rows: 2400, file_bytes: studies * 16_400_000,
  };
}

const audit_kinds = [
  ['User Authentication', 'unlock', 'execute', 'opened the vault'],
  ['Data Import', 'import', 'create', 'stored 60 instances'],
  ['Application Activity', 'analyze', 'execute', 'brain-mri-flair 0.1.0, 60 frames'],
  ['DICOM Instances Accessed', 'open_study', 'read', 'opened for reading'],
  ['Patient Record', 'review', 'update', 'finding accepted'],
  ['Data Export', 'export', 'read', 'report as PDF'],
] as const;

export function audit_rows(find: string, before: number | null, limit: number): AuditPage {
  const words = find.toLowerCase();
  const rows: AuditRow[] = [];
  let seq = (before ?? 2401) - 1;
  for (; seq > 0 && rows.length < limit; seq -= 1) {
    const [event, op, action, detail] = audit_kinds[seq % audit_kinds.length] ?? audit_kinds[0];
    const row: AuditRow = {
      seq, at: new Date(Date.UTC(2026, 10, 24, 12) - (2400 - seq) * 340_000).toISOString(), user: seq % 5 === 0 ? 'reader' : 'admin', role: 'administrator', event, op, action,
      outcome: seq % 97 === 0 ? 'refused' : 'success', subject: `1.2.826.0.1.3680043.8.498.${1000000 + (seq % 200)}`, detail,
    };
    if (words === '' || Object.values(row).join(' ').toLowerCase().includes(words)) rows.push(row);
  }
  return { rows, next: seq > 0 ? seq + 1 : null };
}

export function device_info(): DeviceInfo {
  return { words: 'Analyses run on the processor (2 cores). No NVIDIA driver was found.', device: 'cpu', precision: 'bf16', memory_mb: 8192, libtorch: '2.11.0', problem: null };
}
