/**
 * The one table that turns a failure's code into severity, words and an action.
 * The words say what happened and what to do; the program's own message, with the offending value, stands under them.
 */
import type { Failure, FailureCode } from '../ipc';
import type { Key } from '../words/index.svelte';

export type Severity = 'note' | 'warning' | 'error';
/** What a person can do at once. `retry` needs a caller who can; the others are actions of the catalogue. */
export type Remedy =
  'retry' | 'import.files' | 'screen.models' | 'screen.administration' | 'screen.worklist' | 'app.lock';
export type Rule = { severity: Severity; words: Key; remedy: Remedy | null };

const rule = (severity: Severity, words: Key, remedy: Remedy | null = null): Rule => ({ severity, words, remedy });

export const rules: Readonly<Record<FailureCode, Rule>> = {
  // files that were handed in (decode)
  file_not_found: rule('warning', 'failure.file_not_found', 'import.files'),
  permission_denied: rule('warning', 'failure.permission_denied'),
  no_scans: rule('note', 'failure.no_scans', 'import.files'),
  empty_file: rule('warning', 'failure.empty_file'),
  unknown_format: rule('warning', 'failure.unknown_format'),
  not_an_image: rule('note', 'failure.not_an_image'),
  protected: rule('warning', 'failure.protected'),
  unsupported: rule('warning', 'failure.unsupported'),
  truncated: rule('warning', 'failure.truncated'),
  corrupt: rule('warning', 'failure.corrupt'),
  limit_exceeded: rule('warning', 'failure.limit_exceeded'),
  no_picture: rule('note', 'failure.no_picture'),
  no_such_frame: rule('warning', 'failure.no_such_frame'),
  given_up: rule('note', 'failure.given_up', 'retry'),
  interrupted: rule('note', 'failure.interrupted', 'retry'),
  changed_while_read: rule('warning', 'failure.changed_while_read', 'retry'),
  uid_conflict: rule('warning', 'failure.uid_conflict'),
  bad_input: rule('warning', 'failure.bad_input'),
  // the three programs
  timed_out: rule('error', 'failure.timed_out', 'retry'),
  decoder_missing: rule('error', 'failure.program_missing'),
  decoder_died: rule('error', 'failure.decoder_died'),
  worker_missing: rule('error', 'failure.program_missing'),
  worker_died: rule('error', 'failure.worker_died', 'retry'),
  libtorch_missing: rule('error', 'failure.libtorch', 'screen.models'),
  libtorch_damaged: rule('error', 'failure.libtorch', 'screen.models'),
  worker_timed_out: rule('error', 'failure.timed_out', 'retry'),
  worker_refused: rule('error', 'failure.worker_refused', 'screen.models'),
  device_unavailable: rule('warning', 'failure.device_unavailable', 'screen.administration'),
  out_of_memory: rule('error', 'failure.out_of_memory', 'retry'),
  // models
  bundle_not_found: rule('error', 'failure.bundle_not_found', 'screen.models'),
  bundle_damaged: rule('error', 'failure.bundle_damaged', 'screen.models'),
  bundle_unsigned: rule('error', 'failure.bundle_unsigned', 'screen.models'),
  bundle_not_activated: rule('warning', 'failure.bundle_not_activated', 'screen.models'),
  bundle_changed: rule('error', 'failure.bundle_changed', 'screen.models'),
  bundle_older: rule('error', 'failure.bundle_older', 'screen.models'),
  bundle_too_new: rule('error', 'failure.bundle_too_new', 'screen.models'),
  no_active_bundle: rule('warning', 'failure.no_active_bundle', 'screen.models'),
  version_conflict: rule('warning', 'failure.version_conflict', 'screen.models'),
  bad_data: rule('error', 'failure.bad_data'),
  no_map: rule('note', 'failure.no_map'),
  training_failed: rule('error', 'failure.training_failed'),
  // the vault
  wrong_passphrase: rule('warning', 'failure.wrong_passphrase'),
  empty_passphrase: rule('warning', 'failure.empty_passphrase'),
  vault_not_found: rule('error', 'failure.vault_not_found'),
  vault_exists: rule('warning', 'failure.vault_exists'),
  vault_busy: rule('warning', 'failure.vault_busy', 'retry'),
  inside_vault: rule('warning', 'failure.inside_vault', 'retry'),
  vault_read_only: rule('warning', 'failure.vault_read_only'),
  vault_too_new: rule('error', 'failure.vault_too_new'),
  vault_damaged: rule('error', 'failure.vault_damaged'),
  database: rule('error', 'failure.database'),
  invalid_record: rule('error', 'failure.invalid_record'),
  no_random: rule('error', 'failure.no_random', 'retry'),
  locked: rule('note', 'failure.locked', 'app.lock'),
  backup_unsound: rule('error', 'failure.backup_unsound', 'retry'),
  disk_full: rule('error', 'failure.disk_full', 'retry'),
  io: rule('error', 'failure.io', 'retry'),
  not_permitted: rule('warning', 'failure.not_permitted'),
  // the work
  not_found: rule('warning', 'failure.not_found', 'screen.worklist'),
  view_gone: rule('note', 'failure.view_gone', 'retry'),
  opinion_given: rule('note', 'failure.opinion_given'),
  unread: rule('note', 'failure.unread'),
  not_analysed: rule('note', 'failure.not_analysed'),
  not_reviewed: rule('note', 'failure.not_reviewed'),
  study_signed: rule('note', 'failure.study_signed'),
  set_aside: rule('warning', 'failure.set_aside'),
  unknown_job: rule('warning', 'failure.unknown_job'),
  report_failed: rule('error', 'failure.report_failed', 'retry'),
  samples_failed: rule('error', 'failure.samples_failed', 'retry'),
  no_config_folder: rule('error', 'failure.no_config_folder'),
  settings_unreadable: rule('warning', 'failure.settings_unreadable'),
  dialog_open: rule('note', 'failure.dialog_open'),
  no_answer: rule('error', 'failure.no_answer'),
  not_granted: rule('warning', 'failure.not_granted'),
  window: rule('warning', 'failure.window', 'retry'),
  clipboard: rule('note', 'failure.clipboard'),
  canceled: rule('note', 'failure.canceled'),
  wrong_usage: rule('warning', 'failure.wrong_usage'),
  internal: rule('error', 'failure.internal'),
};

const is_code = (code: unknown): code is FailureCode => typeof code === 'string' && Object.hasOwn(rules, code);

export const rule_of = (code: FailureCode): Rule => rules[code];

/** Whatever was thrown, as a failure: what a command rejects with, or an error of the interface itself. */
export function as_failure(thrown: unknown): Failure {
  if (typeof thrown !== 'object' || thrown === null) return { code: 'internal', message: String(thrown) };
  return {
    code: 'code' in thrown && is_code(thrown.code) ? thrown.code : 'internal',
    message: 'message' in thrown ? String(thrown.message) : String(thrown),
  };
}
