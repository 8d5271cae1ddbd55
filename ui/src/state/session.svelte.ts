/** Who is in which vault; the unlock screen stands before everything else while nobody is. */
import { host, type SessionInfo, type StartInfo } from '../ipc';
import { jobs } from './jobs.svelte';
import { notices } from './notices.svelte';
import { route } from './route.svelte';
import { settings } from './settings.svelte';

class Session {
  start = $state.raw<StartInfo | null>(null);
  now = $state.raw<SessionInfo | null>(null);

  take_start(start: StartInfo): void {
    this.start = start;
    settings.take(start.settings);
    this.now = start.session;
  }

  enter(session: SessionInfo): void {
    route.forget();
    this.now = session;
  }

  may(permission: string): boolean {
    return this.now?.permissions.includes(permission) ?? false;
  }

  async lock(): Promise<void> {
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
    try {
      this.take_start(await host().start_info());
    } catch (failure) {
      notices.fail(failure);
    }
  }
}

export const session = new Session();
