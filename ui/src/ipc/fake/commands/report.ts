/** A report: its form, its preview, the signature and the export. */
import type { Host } from '../../generated/host';
import { pdf } from '../pdf';
import { hex } from '../random';
import { index_of } from '../studies';
import { failure, type World } from '../world';

export function report(world: World) {
  return {
    save_form: async (uid, text) => {
      if (world.sign_offs.has(uid))
        throw failure('study_signed', `the study ${uid} is signed; nothing of it can be changed any more`);
      const saved = { text, updated_at: Date.now(), updated_by: 'admin' };
      world.forms.set(uid, saved);
      return saved;
    },
    report_formats: async () => [
      { id: 'pdf', extension: 'pdf', title: 'PDF/A' },
      { id: 'csv', extension: 'csv', title: 'CSV' },
      { id: 'png', extension: 'png', title: 'PNG' },
    ],
    report_preview: async (uid) => {
      const form = world.forms.get(uid);
      const words =
        form === undefined
          ? []
          : Object.entries(form.text).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
      return pdf(
        `Report of study ${uid}`,
        words.map(([heading, text]) => ({ heading, text: text === '' ? '-' : text })),
      );
    },
    sign: async (uid) => {
      const sign_off = {
        reader: 'admin',
        signed_at: Date.now(),
        content_sha256: hex(index_of(uid), 64),
      };
      world.sign_offs.set(uid, sign_off);
      world.change(uid, { state: 'signed' });
      return sign_off;
    },
    export_report: async (uid, format) =>
      world.jobs.start({
        kind: 'export',
        subject: format,
        study: uid,
        total: 3,
        per_second: 10,
        phases: ['writing the report'],
        end: () => ({
          export: {
            study_instance_uid: uid,
            format,
            file: `/data/reports/report.${format}`,
            bytes: 48_211,
            sha256: hex(3, 64),
          },
        }),
      }),
  } satisfies Partial<Host>;
}
