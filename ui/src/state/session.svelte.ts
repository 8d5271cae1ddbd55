/** Who is in which vault; the unlock screen stands before everything else while nobody is. */
import { host, type Permission, type SessionInfo, type StartInfo } from '../ipc';
import { jobs } from './jobs.svelte';
import { notices } from './notices.svelte';
import { route } from './route.svelte';
import { settings } from './settings.svelte';
import { save_now } from './unsaved';

const leavers = new Set<() => void>();

/** What is permitted in a vault that is open for reading only. */
const reading: readonly Permission[] = ['view_records', 'view_audit'];

/** Called when the vault is locked: whatever was seen of it is to be forgotten (rows, images, texts). */
export function on_leave(forget: () => void): () => void {
  leavers.add(forget);
  return () => leavers.delete(forget);
}

class Session {
  start = $state.raw<StartInfo | null>(null);
  now = $state.raw<SessionInfo | null>(null);
  /** a study to be shown that was told before the vault's opening was */
  #to_show: string | null = null;

  take_start(start: StartInfo): void {
    this.start = start;
    settings.take(start.settings);
    this.now = start.session;
  }

  /** Files that a later start handed over while the vault is locked. */
  wait_for(files: number): void {
    if (this.start !== null) this.start = { ...this.start, waiting_paths: files };
  }

  /** Somebody opens a vault: what was told before does not belong to it. */
  begin(): void {
    this.#to_show = null;
  }

  enter(session: SessionInfo): void {
    route.forget();
    this.now = session;
    if (this.#to_show !== null) this.show(this.#to_show);
  }

  /** Files that waited for the vault may be imported before the answer that it is open has come. */
  show(study_instance_uid: string): void {
    this.#to_show = this.now === null ? study_instance_uid : null;
    if (this.now !== null) route.go('reading', study_instance_uid);
  }

  /** From inside a vault to the one with the sample scans. */
  async open_demo(): Promise<void> {
    try {
      this.#enter_other(await host().open_demo());
    } catch (failure) {
      notices.fail(failure, () => void this.open_demo());
    }
  }

  /** The vault is entered again, and may be changed from here on. */
  async accept_restored(): Promise<void> {
    try {
      this.#enter_other(await host().accept_restored());
    } catch (failure) {
      notices.fail(failure);
    }
  }

  /** Decides on the vault's policy, for everybody who works in it. */
  async change_policy(read_first: boolean): Promise<void> {
    try {
      this.now = await host().change_policy(read_first);
    } catch (failure) {
      notices.fail(failure, () => void this.change_policy(read_first));
    }
  }

  #enter_other(other: SessionInfo): void {
    for (const forget of leavers) forget();
    jobs.clear();
    this.enter(other);
  }

  may(permission: Permission): boolean {
    return this.#permits(permission) && (this.now?.read_only === null || reading.includes(permission));
  }

  /** Whether this person may take restored records as they are. */
  get may_accept(): boolean {
    return this.#permits('manage_vault');
  }

  #permits(permission: Permission): boolean {
    return this.now?.permissions.includes(permission) ?? false;
  }

  async lock(): Promise<void> {
    await save_now();
    try {
      await host().lock();
    } catch (failure) {
      notices.fail(failure);
      return;
    }
    await this.leave();
  }

  /** Takes everything that was on the screen away; called when the program has locked. */
  async leave(): Promise<void> {
    if (this.now === null) return;
    this.now = null;
    route.forget();
    jobs.clear();
    notices.clear();
    for (const forget of leavers) forget();
    try {
      this.take_start(await host().start_info());
    } catch (failure) {
      notices.fail(failure);
    }
  }
}

export const session = new Session();
