/** Jobs that progress by themselves, ten steps a second. */
import type { JobInfo, JobKind, Phase } from '../generated/wire';

export type Plan = {
  kind: JobKind;
  subject: string | null;
  study?: string;
  total: number;
  per_second: number;
  phases: Phase[];
  end: () => Partial<JobInfo>;
};

export class FakeJobs {
  list: JobInfo[] = [];
  #next = 1;
  readonly #timers = new Map<number, ReturnType<typeof setInterval>>();

  constructor(private readonly told: (jobs: JobInfo[]) => void) {}

  start(plan: Plan): number {
    const id = this.#next++;
    const job: JobInfo = {
      id,
      kind: plan.kind,
      subject: plan.subject,
      study_instance_uid: plan.study ?? null,
      state: 'running',
      phase: plan.phases[0] ?? null,
      done: 0,
      total: plan.total,
      per_second: plan.per_second,
      seconds_left: plan.total / plan.per_second,
      code: null,
      message: null,
      working_on: null,
      import: null,
      analyze: null,
      export: null,
      backup: null,
      created_at: Date.now(),
      ended_at: null,
    };
    this.list = [...this.list, job];
    this.told(this.list);
    const step = (): void => {
      const done = Math.min(plan.total, job.done + Math.max(1, Math.round(plan.per_second / 10)));
      job.done = done;
      job.seconds_left = (plan.total - done) / plan.per_second;
      job.phase =
        plan.phases[Math.min(plan.phases.length - 1, Math.floor((done / plan.total) * plan.phases.length))] ?? null;
      if (done >= plan.total) this.#end(job, { state: 'done', ...plan.end() });
      else this.told(this.list.map((other) => ({ ...other })));
    };
    this.#timers.set(id, setInterval(step, 100));
    return id;
  }

  stop(id: number): void {
    const job = this.list.find((one) => one.id === id);
    if (job !== undefined && job.ended_at === null) this.#end(job, { state: 'canceled' });
  }

  dismiss(id: number): void {
    this.list = this.list.filter((job) => job.id !== id || job.ended_at === null);
    this.told(this.list);
  }

  /** As after the second time that the program ended while the job ran. */
  set_aside(id: number, working_on: string | null): void {
    const job = this.list.find((one) => one.id === id);
    const message = 'the program ended 2 times while this job ran; start the job again, or dismiss it';
    if (job !== undefined) this.#end(job, { state: 'failed', code: 'set_aside', message, working_on });
  }

  start_again(id: number): void {
    const job = this.list.find((one) => one.id === id && one.code === 'set_aside');
    if (job === undefined) return;
    Object.assign(job, { state: 'running', code: null, message: null, working_on: null, ended_at: null });
    this.told(this.list.map((other) => ({ ...other })));
  }

  stop_all(): void {
    for (const job of this.list) this.stop(job.id);
  }

  #end(job: JobInfo, end: Partial<JobInfo>): void {
    clearInterval(this.#timers.get(job.id));
    this.#timers.delete(job.id);
    Object.assign(job, { per_second: null, seconds_left: null, phase: null, ended_at: Date.now() }, end);
    this.told(this.list.map((other) => ({ ...other })));
  }
}
