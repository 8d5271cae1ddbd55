/**
 * The seam between the interface and the program: one typed method for each command of the shell,
 * under the command's own name and with its argument names. Every method rejects with a `Failure`.
 * Paths never pass here: the shell opens dialogs, sees drops and reads the command line.
 */
import type * as w from './generated/wire';

export interface Host {
  /** Events of the program; the answer ends the subscription. */
  subscribe(listen: (event: w.AppEvent) => void): Promise<() => void>;

  // start
  start_info(): Promise<w.StartInfo>;
  ui_ready(): Promise<void>;
  save_settings(settings: w.Settings): Promise<w.Settings>;
  choose_vault_folder(): Promise<string | null>;
  create_vault(folder: string, user: string, passphrase: string): Promise<w.SessionInfo>;
  unlock(folder: string, user: string, passphrase: string): Promise<w.SessionInfo>;
  open_demo(): Promise<w.SessionInfo>;
  lock(): Promise<void>;
  forget_vault(folder: string): Promise<w.StartInfo>;
  close(stop_jobs: boolean): Promise<void>;
  toggle_fullscreen(): Promise<void>;

  // import
  import_files(): Promise<number | null>;
  import_folder(): Promise<number | null>;

  // worklist
  open_worklist(query: w.WorklistQuery): Promise<w.WorklistView>;
  worklist_rows(view: number, offset: number, limit: number): Promise<w.WorklistRow[]>;
  /** PNG bytes. */
  study_thumbnail(study_instance_uid: string): Promise<ArrayBuffer>;
  /** PNG bytes. */
  instance_thumbnail(sop_instance_uid: string): Promise<ArrayBuffer>;
  saved_filters(): Promise<w.SavedFilter[]>;
  save_filter(filter: w.SavedFilter): Promise<w.SavedFilter[]>;
  delete_filter(name: string): Promise<w.SavedFilter[]>;

  // study
  open_study(study_instance_uid: string): Promise<w.StudyDetail>;
  refresh_study(study_instance_uid: string): Promise<w.StudyDetail>;
  /** the pictures alone, to fetch them before the study is opened; not audited */
  read_ahead(study_instance_uid: string): Promise<w.SeriesWire[]>;
  /** what is typed of a finding before the decision; empty takes it away */
  save_note_draft(finding_id: string, note: string): Promise<void>;
  /** OVF1 bytes: 64-byte header, then samples. */
  frame(sop_instance_uid: string, frame: number): Promise<ArrayBuffer>;
  /** OVM1 bytes: 12-byte header, then u16. */
  anomaly_map(sop_instance_uid: string, frame: number): Promise<ArrayBuffer>;
  prefetch(sop_instance_uids: string[]): Promise<void>;
  save_annotation(study_instance_uid: string, annotation: w.Annotation): Promise<w.Annotation>;
  remove_annotation(study_instance_uid: string, id: string): Promise<void>;
  commit_opinion(study_instance_uid: string, opinion: w.Opinion, note: string | null): Promise<w.StudyDetail>;
  analyze_study(study_instance_uid: string): Promise<number>;
  analyze_new(): Promise<number>;
  review(finding_id: string, decision: w.Decision, note: string | null): Promise<w.ReviewedWire>;

  // report
  save_form(study_instance_uid: string, form: w.FormText): Promise<w.ReportForm>;
  report_formats(): Promise<w.ReportFormat[]>;
  /** PDF bytes. */
  report_preview(study_instance_uid: string): Promise<ArrayBuffer>;
  sign(study_instance_uid: string): Promise<w.SignOff>;
  export_report(study_instance_uid: string, format: string): Promise<number | null>;

  // jobs
  jobs(): Promise<w.JobInfo[]>;
  stop_job(id: number): Promise<void>;
  /** One that was set aside is let go of. */
  dismiss_job(id: number): Promise<void>;
  /** Of a job that was set aside. */
  start_job_again(id: number): Promise<void>;

  // models
  models(): Promise<w.ModelInfo[]>;
  verify_models(): Promise<w.Verification>;
  install_bundle(): Promise<w.ModelInfo[] | null>;
  activate_bundle(name: string, version: string): Promise<w.ModelInfo[]>;
  retire_bundle(name: string, version: string): Promise<w.ModelInfo[]>;

  // quality and administration
  quality(days: number): Promise<w.Quality>;
  vault_status(): Promise<w.VaultStatus>;
  audit_rows(find: string, before: number | null, limit: number): Promise<w.AuditPage>;
  verify_audit(): Promise<w.AuditCheck>;
  device_info(): Promise<w.DeviceInfo>;
  backup(): Promise<number | null>;
  /** decides whether the model's answer is hidden until the reader has given an own opinion, for everybody in the vault */
  change_policy(read_first: boolean): Promise<w.SessionInfo>;
  /** takes restored records as they are; the vault is entered again */
  accept_restored(): Promise<w.SessionInfo>;
}
