/** One study as it is read: what the program knows of it, what the reader decides, and the viewer that shows it. */
import {
  host,
  type AnalysisWire,
  type Decision,
  type Failure,
  type FindingWire,
  type JobInfo,
  type FrameRef,
  type Opinion,
  type Review,
  type StudyDetail,
} from '../ipc';
import { text_of } from '../state/form';
import { as_failure } from '../state/failures';
import { is_active, jobs } from '../state/jobs.svelte';
import { notices } from '../state/notices.svelte';
import { route } from '../state/route.svelte';
import { session } from '../state/session.svelte';
import { stacks_of, type Head, type Slice } from '../viewer/stack';
import { Viewer } from '../viewer/viewer.svelte';
import {
  analyses_by_frame,
  analysis_of,
  middle_of,
  nothing_said,
  offered,
  step,
  summary,
  zoom_for,
  type Offered,
} from './findings';

const settles_after_ms = 120;
/** the first image has the program for itself until then */
const looks_ahead_after_ms = 500;

export class Reading {
  readonly study: string;
  readonly viewer = new Viewer();
  detail = $state.raw<StudyDetail | null>(null);
  prior = $state.raw<StudyDetail | null>(null);
  failure = $state.raw<Failure | null>(null);
  selected = $state<string | null>(null);
  /** the neighbours in the worklist's order; null where there is none */
  next_study = $state.raw<string | null>(null);
  previous_study = $state.raw<string | null>(null);
  committing = $state(false);
  readonly list = $derived.by<readonly Offered[]>(() => offered(this.viewer.stacks, this.detail?.analyses ?? []));
  readonly summary = $derived(this.detail === null ? nothing_said : summary(this.detail));
  readonly signed = $derived(this.detail?.sign_off != null);
  readonly may_review = $derived(!this.signed && session.may('review'));
  readonly job = $derived.by<JobInfo | null>(
    () =>
      jobs.list.find((one) => one.kind === 'analyze' && is_active(one) && one.study_instance_uid === this.study) ??
      null,
  );
  #by_frame = $derived(analyses_by_frame(this.detail?.analyses ?? []));
  #prior_by_frame = $derived(analyses_by_frame(this.prior?.analyses ?? []));
  #typed = new Map<string, string>();
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #timer_around: ReturnType<typeof setTimeout> | undefined;

  constructor(study: string) {
    this.study = study;
  }

  async open(): Promise<void> {
    this.failure = null;
    try {
      const detail = await host().open_study(this.study);
      this.#take(detail);
      const first = offered(stacks_of(detail), detail.analyses)[0];
      this.selected = first?.finding.id ?? null;
      this.viewer.open(detail, first?.analysis ?? null);
      void this.#look_around();
    } catch (thrown) {
      this.failure = as_failure(thrown);
    }
  }

  /** The program changed studies: this one is asked for again, once for a burst of news. */
  heard(studies: readonly string[]): void {
    if (this.detail === null || !studies.includes(this.study)) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.refresh(), settles_after_ms);
  }

  async refresh(): Promise<void> {
    const asked = ++this.#asked;
    try {
      const detail = await host().refresh_study(this.study);
      if (asked !== this.#asked) return;
      const found_before = this.list.length;
      this.#take(detail);
      this.viewer.refresh(detail);
      const first = this.list[0];
      if (found_before === 0 && first !== undefined && this.selected === null) this.select(first, false);
    } catch (thrown) {
      notices.fail(thrown, () => void this.refresh());
    }
  }

  /** The program answered with the study as it stands now. */
  put(detail: StudyDetail): void {
    this.#asked += 1;
    this.#take(detail);
    this.viewer.refresh(detail);
  }

  close(): void {
    clearTimeout(this.#timer);
    clearTimeout(this.#timer_around);
    this.#asked += 1;
  }

  head_of(study_instance_uid: string): Head | null {
    const of = study_instance_uid === this.study ? this.detail : this.prior;
    return of === null ? null : { patient: of.patient, study: of.study, doubts: of.doubts };
  }

  analysis_of(slice: Slice): AnalysisWire | null {
    return analysis_of(slice.study_instance_uid === this.study ? this.#by_frame : this.#prior_by_frame, slice);
  }

  select(one: Offered, jump = true): void {
    const { finding, stack, index } = one;
    this.selected = finding.id;
    const slice = stack.slices[index];
    if (slice === undefined) return;
    const { viewer } = this;
    if (viewer.tile.stack?.study_instance_uid !== this.study) viewer.focus(0);
    viewer.show_frame(slice.instance.sop_instance_uid, slice.frame);
    if (!jump) return;
    const { rows, cols } = slice.instance;
    const [x, y] = middle_of(finding);
    viewer.set_view('finding', (view) => ({
      ...view,
      zoom: Math.max(view.zoom, zoom_for(finding, rows, cols)),
      center: [x / cols, y / rows],
    }));
  }

  select_finding(finding: FindingWire): void {
    const one = this.list.find((other) => other.finding.id === finding.id);
    if (one !== undefined) this.selected = one.finding.id;
  }

  step_finding(by: 1 | -1): void {
    const next = step(this.list, this.selected, by);
    if (next !== null) this.select(next);
  }

  /** The decision shows at once and is stored behind; what was not stored is taken back and told. */
  async review(finding: FindingWire, decision: Decision, note: string | null): Promise<boolean> {
    const before = finding.review;
    const reader = session.now?.user ?? '';
    this.#put_review(finding.id, {
      finding_id: finding.id,
      decision,
      note,
      reader,
      decided_at: Date.now(),
    });
    try {
      const { review } = await host().review(finding.id, decision, note);
      this.#put_review(finding.id, review);
      return true;
    } catch (thrown) {
      this.#put_review(finding.id, before);
      notices.fail(thrown);
      return false;
    }
  }

  /** What is typed of a finding now, stored or not; a key that decides takes it along. */
  type_note(finding_id: string, note: string): void {
    this.#typed.set(finding_id, note);
  }

  /** Keeps what is typed before a decision; true when it is stored. */
  async save_draft(finding: FindingWire, note: string): Promise<boolean> {
    try {
      await host().save_note_draft(finding.id, note);
      this.#put(finding.id, { note_draft: note === '' ? null : note });
      return true;
    } catch (thrown) {
      notices.fail(thrown);
      return false;
    }
  }

  #note_of(finding: FindingWire): string | null {
    const note = (
      this.#typed.get(finding.id) ??
      (finding.review === null ? finding.note_draft : finding.review.note) ??
      ''
    ).trim();
    return note === '' ? null : note;
  }

  decide(decision: Decision): void {
    const one = this.list.find((other) => other.finding.id === this.selected);
    if (one === undefined || !this.may_review) return;
    void this.review(one.finding, decision, this.#note_of(one.finding));
  }

  async commit(opinion: Opinion, note: string | null): Promise<void> {
    this.committing = true;
    try {
      const detail = await host().commit_opinion(this.study, opinion, note);
      this.#asked += 1;
      this.#take(detail);
      this.viewer.refresh(detail);
      const first = this.list[0];
      if (first !== undefined) this.select(first, false);
    } catch (thrown) {
      notices.fail(thrown);
    } finally {
      this.committing = false;
    }
  }

  analyze(): void {
    host()
      .analyze_study(this.study)
      .catch((thrown: unknown) => notices.fail(thrown, () => this.analyze()));
  }

  is_key_image(slice: Slice): boolean {
    return (this.detail?.form?.text.key_images ?? []).some((key) => is_of(key, slice));
  }

  /** The form is asked for first: the report may have been written in between. */
  async toggle_key_image(): Promise<void> {
    const slice = this.viewer.tile.shown?.slice;
    if (slice === undefined || slice.study_instance_uid !== this.study || !this.may_review) return;
    const key: FrameRef = { sop_instance_uid: slice.instance.sop_instance_uid, frame: slice.frame };
    try {
      const { form } = await host().refresh_study(this.study);
      const text = text_of(form);
      const without = text.key_images.filter((other) => !is_of(other, slice));
      const key_images = without.length < text.key_images.length ? without : [...without, key];
      const saved = await host().save_form(this.study, { ...text, key_images });
      if (this.detail !== null) this.detail = { ...this.detail, form: saved };
    } catch (thrown) {
      notices.fail(thrown);
    }
  }

  async open_prior(study_instance_uid: string): Promise<void> {
    try {
      const detail = await host().open_study(study_instance_uid);
      this.prior = detail;
      this.viewer.open_prior(detail);
    } catch (thrown) {
      notices.fail(thrown);
    }
  }

  close_prior(): void {
    this.prior = null;
    this.viewer.close_prior();
  }

  #take(detail: StudyDetail): void {
    this.detail = detail;
    this.viewer.lock(detail.sign_off === null && session.may('review'));
    if (this.selected !== null && !this.list.some((one) => one.finding.id === this.selected)) this.selected = null;
  }

  /** The program lets go of the draft when it takes the decision. */
  #put_review(finding_id: string, review: Review | null): void {
    this.#put(finding_id, { review, ...(review === null ? {} : { note_draft: null }) });
  }

  #put(finding_id: string, change: Partial<FindingWire>): void {
    if (this.detail === null) return;
    const analyses = this.detail.analyses.map((one) =>
      one.findings.some((finding) => finding.id === finding_id)
        ? {
            ...one,
            findings: one.findings.map((finding) => (finding.id === finding_id ? { ...finding, ...change } : finding)),
          }
        : one,
    );
    this.detail = { ...this.detail, analyses };
  }

  /** Who comes next in the list: its first images are fetched when nothing else is to be done. */
  async #look_around(): Promise<void> {
    const neighbours = route.neighbours;
    if (neighbours === null) return;
    try {
      const { previous, next } = await neighbours(this.study);
      this.previous_study = previous;
      this.next_study = next;
      if (next !== null) this.#timer_around = setTimeout(() => void this.#look_ahead(next), looks_ahead_after_ms);
    } catch {
      // Without neighbours one reads on from the worklist; nothing is lost that a person should be told.
    }
  }

  async #look_ahead(next: string): Promise<void> {
    try {
      const series = await host().read_ahead(next);
      this.viewer.following = stacks_of({ study_instance_uid: next, series }).filter(
        (stack) => stack.slices.length > 0,
      );
    } catch {
      // It is asked for again, and says what is wrong, when it is opened.
      this.viewer.following = [];
    }
  }
}

const is_of = (key: FrameRef, slice: Slice): boolean =>
  key.sop_instance_uid === slice.instance.sop_instance_uid && key.frame === slice.frame;
