/** Hands the program's events to whom they concern. Screens listen with `on_studies_changed`. */
import { host, type AppEvent, type DropState } from '../ipc';
import { jobs } from './jobs.svelte';
import { session } from './session.svelte';

type Listener = (studies: readonly string[]) => void;
const listeners = new Set<Listener>();

class Moments {
  drop = $state.raw<{ state: DropState; count: number } | null>(null);
  close_jobs = $state<number | null>(null);
}
export const moments = new Moments();

/** Called after each change of studies; the answer ends it. */
export function on_studies_changed(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function hear(event: AppEvent): void {
  switch (event.kind) {
    case 'jobs':
      return jobs.take(event.jobs);
    case 'studies_changed':
      return listeners.forEach((listener) => listener(event.studies));
    case 'locked':
      return void session.leave();
    case 'paths_wait':
      return session.wait_for(event.count);
    case 'close_requested':
      moments.close_jobs = event.running_jobs;
      return;
    case 'drop':
      moments.drop = event.state === 'over' ? { state: event.state, count: event.count } : null;
      return;
    case 'show_study':
      return session.show(event.study_instance_uid);
  }
}

export async function listen(): Promise<void> {
  await host().subscribe(hear);
}
