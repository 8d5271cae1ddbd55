/** Jobs, models, figures, the audit and the vault. */
import type { Host } from '../../generated/host';
import { audit_check, audit_rows } from '../audit';
import * as bundles from '../models';
import * as office from '../office';
import { quality } from '../quality';
import type { World } from '../world';

export function administration(world: World) {
  let models = world.options.studies === 0 ? [] : bundles.models();
  return {
    jobs: async () => world.jobs.list,
    stop_job: async (id) => world.jobs.stop(id),
    dismiss_job: async (id) => world.jobs.dismiss(id),
    start_job_again: async (id) => world.jobs.start_again(id),
    models: async () => models,
    verify_models: async () => bundles.verification(models),
    install_bundle: async () => (models = bundles.installed(models)),
    activate_bundle: async (name, version) => (models = bundles.activated(models, name, version)),
    retire_bundle: async (name, version) => (models = bundles.retired(models, name, version)),
    state_prevalence: async (name, share) => (models = bundles.told_for(models, name, share)),
    estimate_prevalence: async () => ({ value: 0.094, low: 0.071, high: 0.124, images: 2210, studies: 188 }),
    quality: async (days) => quality(days, world.rows().length),
    vault_status: async () => office.vault_status(world.rows().length, world.session?.read_only ?? null),
    audit_rows: async (find, before, limit) => audit_rows(find, before, limit),
    verify_audit: async () => audit_check(),
    device_info: async () => office.device_info(),
    change_policy: async (read_first) => world.decide({ read_first, read_first_offered: false }),
    accept_restored: async () => world.decide({ read_only: null }),
    backup: async () =>
      world.jobs.start({
        kind: 'backup',
        subject: 'stick',
        total: 300,
        per_second: 120,
        phases: ['copying', 'checking'],
        end: () => ({
          backup: {
            folder: '/media/stick/overread-backup',
            files: 300,
            bytes: 4_800_000_000,
            studies: world.rows().length,
            verified: true,
          },
        }),
      }),
  } satisfies Partial<Host>;
}
