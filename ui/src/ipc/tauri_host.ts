/** The real program. This file alone names `@tauri-apps`. */
import { Channel, invoke } from '@tauri-apps/api/core';
import type { AppEvent } from './generated/wire';
import type { Host } from './host';

const call = <T>(command: string, args: Record<string, unknown> = {}): Promise<T> => invoke<T>(command, args);

async function subscribe(listen: (event: AppEvent) => void): Promise<() => void> {
  const channel = new Channel<AppEvent>();
  let listening = true;
  channel.onmessage = (event) => {
    if (listening) listen(event);
  };
  await call('subscribe', { channel });
  return () => {
    listening = false;
  };
}

export const tauri_host: Host = {
  subscribe,
  start_info: () => call('start_info'),
  ui_ready: () => call('ui_ready'),
  save_settings: (settings) => call('save_settings', { settings }),
  choose_vault_folder: () => call('choose_vault_folder'),
  create_vault: (folder, user, passphrase) => call('create_vault', { folder, user, passphrase }),
  unlock: (folder, user, passphrase) => call('unlock', { folder, user, passphrase }),
  open_demo: () => call('open_demo'),
  lock: () => call('lock'),
  forget_vault: (folder) => call('forget_vault', { folder }),
  close: (stop_jobs) => call('close', { stop_jobs }),
  toggle_fullscreen: () => call('toggle_fullscreen'),
  import_files: () => call('import_files'),
  import_folder: () => call('import_folder'),
  open_worklist: (query) => call('open_worklist', { query }),
  worklist_rows: (view, offset, limit) => call('worklist_rows', { view, offset, limit }),
  study_thumbnail: (study_instance_uid) => call('study_thumbnail', { study_instance_uid }),
  instance_thumbnail: (sop_instance_uid) => call('instance_thumbnail', { sop_instance_uid }),
  saved_filters: () => call('saved_filters'),
  save_filter: (filter) => call('save_filter', { filter }),
  delete_filter: (name) => call('delete_filter', { name }),
  open_study: (study_instance_uid) => call('open_study', { study_instance_uid }),
  refresh_study: (study_instance_uid) => call('refresh_study', { study_instance_uid }),
  read_ahead: (study_instance_uid) => call('read_ahead', { study_instance_uid }),
  save_note_draft: (finding_id, note) => call('save_note_draft', { finding_id, note }),
  frame: (sop_instance_uid, frame) => call('frame', { sop_instance_uid, frame }),
  anomaly_map: (sop_instance_uid, frame) => call('anomaly_map', { sop_instance_uid, frame }),
  prefetch: (sop_instance_uids) => call('prefetch', { sop_instance_uids }),
  save_annotation: (study_instance_uid, annotation) => call('save_annotation', { study_instance_uid, annotation }),
  remove_annotation: (study_instance_uid, id) => call('remove_annotation', { study_instance_uid, id }),
  commit_opinion: (study_instance_uid, opinion, note) => call('commit_opinion', { study_instance_uid, opinion, note }),
  analyze_study: (study_instance_uid) => call('analyze_study', { study_instance_uid }),
  analyze_new: () => call('analyze_new'),
  review: (finding_id, decision, note) => call('review', { finding_id, decision, note }),
  save_form: (study_instance_uid, form) => call('save_form', { study_instance_uid, form }),
  report_formats: () => call('report_formats'),
  report_preview: (study_instance_uid) => call('report_preview', { study_instance_uid }),
  sign: (study_instance_uid) => call('sign', { study_instance_uid }),
  export_report: (study_instance_uid, format) => call('export_report', { study_instance_uid, format }),
  jobs: () => call('jobs'),
  stop_job: (id) => call('stop_job', { id }),
  dismiss_job: (id) => call('dismiss_job', { id }),
  start_job_again: (id) => call('start_job_again', { id }),
  models: () => call('models'),
  verify_models: () => call('verify_models'),
  install_bundle: () => call('install_bundle'),
  activate_bundle: (name, version) => call('activate_bundle', { name, version }),
  retire_bundle: (name, version) => call('retire_bundle', { name, version }),
  quality: (days) => call('quality', { days }),
  vault_status: () => call('vault_status'),
  audit_rows: (find, before, limit) => call('audit_rows', { find, before, limit }),
  verify_audit: () => call('verify_audit'),
  device_info: () => call('device_info'),
  backup: () => call('backup'),
  change_policy: (read_first) => call('change_policy', { read_first }),
  accept_restored: () => call('accept_restored'),
};
