/** The list of studies, its filters, and imports. */
import type { FailedInput, ImportSummary } from '../../generated/wire';
import type { Host } from '../../generated/host';
import { place_of } from '../detail';
import * as pixels from '../pixels';
import { index_of, select } from '../studies';
import { failure, type World } from '../world';

export function worklist(world: World) {
  const run_import = (subject: string, total: number): number =>
    world.jobs.start({
      kind: 'import',
      subject,
      total,
      per_second: 60,
      phases: ['looking for files', 'importing', 'importing', 'importing'],
      end: () => {
        const failed: FailedInput[] = Array.from({ length: Math.min(12, Math.floor(total / 20)) }, (_, at) => ({
          file: `notes/scan ${at} of the patient.txt`,
          code: at % 2 === 0 ? 'unknown_format' : 'truncated',
          message:
            at % 2 === 0
              ? 'this is not a scan: the file begins with plain text'
              : 'the file ends after 1,024 of 132,096 bytes',
        }));
        const summary: ImportSummary = {
          imported: total - failed.length,
          already_there: 3,
          no_image: [],
          nameless: 0,
          patient_not_used: 0,
          also_read: [],
          notes: [],
          studies: world.add_studies(2),
          failed,
          failed_unlisted: 0,
          unread: failed.length,
          beside: 0,
          without_image: 0,
        };
        return { import: summary };
      },
    });
  return {
    open_worklist: async (query) => {
      const all = world.rows().map((one) => world.shown(one));
      const selected = select(all, query);
      const modalities = [...new Set(all.map((one) => one.modality))].sort();
      return {
        view: world.keep_view(selected),
        total: selected.rows.length,
        state_counts: selected.state_counts,
        modalities,
        all_studies: all.length,
      };
    },
    worklist_rows: async (view, offset, limit) => {
      const selected = world.views.get(view);
      if (selected === undefined) throw failure('not_found', `there is no worklist view ${view}; open it again`);
      return selected.rows.slice(offset, offset + limit).map((one) => world.shown(world.study(one.study_instance_uid)));
    },
    study_thumbnail: async (study_instance_uid) => {
      const one = world.study(study_instance_uid);
      return pixels.thumbnail(
        index_of(study_instance_uid),
        pixels.shape_of(one.modality),
        Math.floor(one.instances / 2),
        one.instances,
      );
    },
    instance_thumbnail: async (sop_instance_uid) => {
      const place = place_of(sop_instance_uid);
      const one = world.study(place.study);
      return pixels.thumbnail(index_of(place.study), pixels.shape_of(one.modality), place.z, one.instances);
    },
    saved_filters: async () => world.filters,
    save_filter: async (filter) =>
      (world.filters = [...world.filters.filter((other) => other.name !== filter.name), filter]),
    delete_filter: async (name) => (world.filters = world.filters.filter((other) => other.name !== name)),
    import_files: async () => run_import('4 files', 40),
    import_folder: async () => run_import('incoming', 400),
  } satisfies Partial<Host>;
}
