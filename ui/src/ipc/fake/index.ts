/** The made-up program: every command of the shell, answered from a seed, so that the interface runs in a plain browser. */
import { defaults } from '../../state/defaults';
import type { AnalyzeSummary, FailedInput, ImportSummary, StudyDetail } from '../generated/wire';
import type { Host } from '../generated/host';
import { counterparts, detail_of, place_of, study_of } from './detail';
import { lesions_of } from './lesions';
import { audit_check, audit_rows } from './audit';
import * as bundles from './models';
import { with_odd_pictures } from './odd';
import * as office from './office';
import { pdf } from './pdf';
import * as pixels from './pixels';
import { quality } from './quality';
import { hex } from './random';
import { index_of, select } from './studies';
import { failure, World } from './world';

export function fake_host(search: string): Host {
  const world = new World(search, defaults);
  const host = { ...start(world), ...worklist(world), ...study(world), ...report(world), ...rest(world) };
  return fallible(world, new URLSearchParams(search).has('odd') ? with_odd_pictures(host) : host);
}

/** Lets a command wait, and fail where the address asks for it. */
function fallible(world: World, host: Host): Host {
  const wrapped = Object.entries(host).map(([name, run]) => {
    const call = async (...args: unknown[]): Promise<unknown> => {
      await new Promise((done) => setTimeout(done, world.options.slow));
      const code = world.options.fail.get(name);
      if (code !== undefined) throw failure(code, `the command ${name} was asked to fail with '${code}'`);
      return (run as (...args: unknown[]) => unknown)(...args);
    };
    return [name, call];
  });
  return Object.fromEntries(wrapped) as Host;
}

type Part<K extends keyof Host> = Pick<Host, K>;

function start(
  world: World,
): Part<
  | 'subscribe'
  | 'start_info'
  | 'ui_ready'
  | 'save_settings'
  | 'choose_vault_folder'
  | 'create_vault'
  | 'unlock'
  | 'open_demo'
  | 'lock'
  | 'forget_vault'
  | 'close'
  | 'toggle_fullscreen'
> {
  const start_info = async (): ReturnType<Host['start_info']> => ({
    app_version: '0.1.0',
    trusts_development_key: true,
    vaults: world.vaults.map((place) => ({ ...place })),
    session: world.session,
    settings: world.settings,
    waiting_paths: 0,
    settings_problem: null,
  });
  return {
    subscribe: async (listen) => {
      world.listeners.add(listen);
      return () => world.listeners.delete(listen);
    },
    start_info,
    ui_ready: async () => {
      Object.assign(globalThis, { fake_world: world });
    },
    save_settings: async (settings) => (world.settings = settings),
    choose_vault_folder: async () => '/data/new vault',
    create_vault: async (folder, user) => {
      world.vaults = [{ folder, user, last_opened: Date.now(), exists: true, demo: false }, ...world.vaults];
      return world.enter(user, folder, false);
    },
    unlock: async (folder, user, passphrase) => {
      await new Promise((done) => setTimeout(done, 300));
      if (passphrase === 'wrong')
        throw failure(
          'wrong_passphrase',
          `the user name or the passphrase is wrong for the vault ${folder}; try again`,
        );
      return world.enter(user, folder, false);
    },
    open_demo: async () => world.enter('demo', '/data/demo', true),
    lock: async () => {
      world.session = null;
      world.tell({ kind: 'locked' });
    },
    forget_vault: async (folder) => {
      world.vaults = world.vaults.filter((place) => place.folder !== folder);
      return start_info();
    },
    close: async (stop_jobs) => {
      if (stop_jobs) world.jobs.stop_all();
    },
    toggle_fullscreen: async () => {
      if (document.fullscreenElement === null) await document.documentElement.requestFullscreen();
      else await document.exitFullscreen();
    },
  };
}

function worklist(
  world: World,
): Part<
  | 'open_worklist'
  | 'worklist_rows'
  | 'study_thumbnail'
  | 'instance_thumbnail'
  | 'saved_filters'
  | 'save_filter'
  | 'delete_filter'
  | 'import_files'
  | 'import_folder'
> {
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
  };
}

function study(
  world: World,
): Part<
  | 'open_study'
  | 'refresh_study'
  | 'read_ahead'
  | 'counterparts'
  | 'save_note_draft'
  | 'frame'
  | 'anomaly_map'
  | 'prefetch'
  | 'save_annotation'
  | 'remove_annotation'
  | 'commit_opinion'
  | 'set_patient'
  | 'state_kind'
  | 'analyze_study'
  | 'analyze_new'
  | 'review'
> {
  const detail = (study_instance_uid: string): StudyDetail => {
    const row = world.study(study_instance_uid);
    const priors = world
      .rows()
      .filter((other) => other.patient_id === row.patient_id && other !== row)
      .map((other) => world.shown(other));
    const reading = world.readings.get(study_instance_uid) ?? null;
    const decided = row.state === 'reviewed' || row.state === 'signed';
    const hidden = world.session?.read_first === true && !decided && reading?.revealed_at == null;
    const whole = detail_of(row, priors, hidden);
    const reviewed = (id: string): StudyDetail['analyses'][number]['findings'][number]['review'] =>
      world.reviews.get(id) ?? null;
    const analyses = whole.analyses.map((one) => ({
      ...one,
      findings: one.findings.map((f) => ({
        ...f,
        review: reviewed(f.id) ?? f.review,
        note_draft: world.drafts.get(f.id) ?? null,
      })),
    }));
    return {
      ...whole,
      state: world.shown(row).state,
      reading,
      analyses,
      lesions: lesions_of(whole.series, analyses),
      annotations: world.annotations.get(study_instance_uid) ?? [],
      form: world.forms.get(study_instance_uid) ?? whole.form,
      sign_off: world.sign_offs.get(study_instance_uid) ?? whole.sign_off,
    };
  };
  const picture = (sop_instance_uid: string): [number, pixels.Shape, number, number] => {
    const place = place_of(sop_instance_uid);
    const row = world.study(place.study);
    return [
      index_of(place.study) + (place.series - 1) * 7_000_000,
      pixels.shape_of(row.modality),
      place.z,
      row.instances,
    ];
  };
  const analyze = (studies: string[], subject: string | null): number => {
    for (const uid of studies) world.change(uid, { state: 'analysing', progress: [0, world.study(uid).instances] });
    const total = studies.reduce((sum, uid) => sum + world.study(uid).instances, 0);
    return world.jobs.start({
      kind: 'analyze',
      subject,
      study: studies.length === 1 ? studies[0] : undefined,
      total,
      per_second: 24,
      phases: ['loading the model', 'analysing', 'analysing', 'analysing'],
      end: () => {
        const where = studies.filter((uid) => world.study(uid).modality === 'CT');
        for (const uid of studies) {
          const told = where.includes(uid) ? 'outlined' : 'flagged';
          world.change(uid, { state: told, [told]: true, score: 0.87, findings: 1, progress: null });
        }
        const summary: AnalyzeSummary = {
          analyses: total,
          hidden: 0,
          flagged: studies.length - where.length,
          outlined: where.length,
          says_where: where.reduce((sum, uid) => sum + world.study(uid).instances, 0),
          refused: 0,
          failed: [],
          failed_unlisted: 0,
        };
        return { analyze: summary };
      },
    });
  };
  return {
    open_study: async (uid) => {
      if (!world.readings.has(uid))
        world.readings.set(uid, {
          reader: 'admin',
          opened_at: Date.now(),
          opinion: null,
          note: null,
          committed_at: null,
          revealed_at: null,
        });
      return detail(uid);
    },
    refresh_study: async (uid) => detail(uid),
    read_ahead: async (uid) => detail(uid).series,
    set_patient: async (uid, { birth_date, sex, ...entry }) => {
      world.change(uid, { ...entry, birth_date: birth_date || null, sex: sex || null });
      return detail(uid);
    },
    state_kind: async (uid, { age }) => {
      if (age.trim() === '0' || Number(age) > 120)
        throw failure('wrong_usage', `an age of ${age} years is no patient's`);
      return detail(uid);
    },
    counterparts: async (from, to) =>
      counterparts(detail(study_of(from)).series, from, detail(study_of(to)).series, to),
    save_note_draft: async (finding_id, note) => {
      if (note.trim() === '') world.drafts.delete(finding_id);
      else world.drafts.set(finding_id, note);
    },
    frame: async (uid) => pixels.frame(...picture(uid)),
    anomaly_map: async (uid) => {
      const row = world.study(place_of(uid).study);
      if (row.score === null) throw failure('no_map', `there is no anomaly map of ${uid}`);
      const [seed, shape, z, depth] = picture(uid);
      return row.flagged || row.outlined
        ? pixels.anomaly_map(seed, shape, z, depth)
        : pixels.anomaly_map(seed, shape, -99, depth);
    },
    prefetch: async () => undefined,
    save_annotation: async (uid, annotation) => {
      const saved = { ...annotation, created_by: 'admin', updated_at: Date.now() };
      world.annotations.set(uid, [
        ...(world.annotations.get(uid) ?? []).filter((other) => other.id !== saved.id),
        saved,
      ]);
      return saved;
    },
    remove_annotation: async (uid, id) => {
      world.annotations.set(
        uid,
        (world.annotations.get(uid) ?? []).filter((other) => other.id !== id),
      );
    },
    commit_opinion: async (uid, opinion, note) => {
      const now = Date.now();
      const before = world.readings.get(uid);
      world.readings.set(uid, {
        reader: 'admin',
        opened_at: before?.opened_at ?? now,
        opinion,
        note,
        committed_at: now,
        revealed_at: now,
      });
      world.change(uid, {});
      return detail(uid);
    },
    analyze_study: async (uid) => analyze([uid], world.study(uid).description),
    analyze_new: async () =>
      analyze(
        world
          .rows()
          .filter((row) => row.state === 'new')
          .slice(0, 12)
          .map((row) => row.study_instance_uid),
        null,
      ),
    review: async (finding_id, decision, note) => {
      const row = world
        .rows()
        .find((one) =>
          detail_of(one, [], false).analyses.some((analysis) => analysis.findings.some((f) => f.id === finding_id)),
        );
      if (row === undefined) throw failure('not_found', `there is no finding ${finding_id} in the vault`);
      const review = { finding_id, decision, note, reader: 'admin', decided_at: Date.now() };
      world.reviews.set(finding_id, review);
      world.drafts.delete(finding_id);
      const ids = detail_of(row, [], false).analyses.flatMap((analysis) => analysis.findings.map((f) => f.id));
      const reviewed = ids.filter((id) => world.reviews.has(id)).length;
      world.change(row.study_instance_uid, {
        findings: ids.length,
        findings_reviewed: reviewed,
        state: reviewed === ids.length ? 'reviewed' : row.state,
      });
      return { review, study_instance_uid: row.study_instance_uid, study_state: row.state };
    },
  };
}

function report(world: World): Part<'save_form' | 'report_formats' | 'report_preview' | 'sign' | 'export_report'> {
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
  };
}

function rest(
  world: World,
): Part<
  | 'jobs'
  | 'stop_job'
  | 'dismiss_job'
  | 'start_job_again'
  | 'models'
  | 'verify_models'
  | 'install_bundle'
  | 'activate_bundle'
  | 'retire_bundle'
  | 'quality'
  | 'vault_status'
  | 'audit_rows'
  | 'verify_audit'
  | 'device_info'
  | 'backup'
  | 'accept_restored'
  | 'change_policy'
> {
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
  };
}
