/** The jobs of this run, as the program last told them. */
import type { JobInfo } from '../ipc';

export const is_active = (job: JobInfo): boolean => job.state === 'queued' || job.state === 'running';

class Jobs {
  list = $state.raw<readonly JobInfo[]>([]);
  active = $derived(this.list.filter(is_active));
  tray_open = $state(false);

  take(jobs: readonly JobInfo[]): void {
    this.list = jobs;
  }

  clear(): void {
    this.list = [];
    this.tray_open = false;
  }
}

export const jobs = new Jobs();
