/**
 * The text of a report while somebody writes it. What is in the fields is the truth: an answer of the program
 * never goes back into them. A draft that could not be stored outlives its screen, so that no letter is lost.
 */
import { host, type Failure, type FrameRef, type ReportForm } from '../../ipc';
import { text_of } from '../../state/form';
import { as_failure } from '../../state/failures';
import { session } from '../../state/session.svelte';
import { on_save_now } from '../../state/unsaved';
import { Autosave, type Progress } from './autosave';

export const sections = ['indication', 'technique', 'findings', 'conclusion', 'recommendation'] as const;
export type Section = (typeof sections)[number];

export class Draft {
  text = $state<Record<Section, string>>({
    indication: '',
    technique: '',
    findings: '',
    conclusion: '',
    recommendation: '',
  });
  key_images = $state.raw<readonly FrameRef[]>([]);
  saved_at = $state<number | null>(null);
  saved_by = $state<string | null>(null);
  progress = $state.raw<Progress['kind']>('clean');
  failure = $state.raw<Failure | null>(null);
  /** words made from the record stand in the fields, and nobody has taken them over by writing */
  #proposed = false;
  readonly #autosave: Autosave<ReportForm>;

  constructor(
    readonly study: string,
    form: ReportForm | null,
    readonly owner: string,
  ) {
    this.#take(form);
    this.#autosave = new Autosave<ReportForm>({
      save: () => this.#store(),
      saved: (stored) => {
        this.saved_at = stored.updated_at;
        this.saved_by = stored.updated_by;
      },
      progress: (now) => {
        this.progress = now.kind;
        if (now.kind === 'failed') this.failure = as_failure(now.thrown);
        else if (now.kind === 'clean') this.failure = null;
      },
    });
  }

  get unsaved(): boolean {
    return this.#autosave.unsaved;
  }

  /** Nothing is written in it; key images may be chosen already. */
  get blank(): boolean {
    return sections.every((section) => this.text[section].trim() === '');
  }

  write(section: Section, text: string): void {
    if (this.text[section] === text) return;
    this.text[section] = text;
    this.#changed();
  }

  choose(key_images: readonly FrameRef[]): void {
    this.key_images = key_images;
    this.#changed();
  }

  /** First words for an empty field. They are stored with the first letter somebody writes, or when the report is used. */
  propose(section: Section, text: string): void {
    if (this.text[section] !== '' || text === '') return;
    this.text[section] = text;
    this.#proposed = true;
  }

  /** Takes the proposed words over. */
  take_over(): void {
    if (!this.#proposed) return;
    this.#proposed = false;
    this.#autosave.changed();
  }

  flush(): Promise<boolean> {
    return this.#autosave.flush();
  }

  give_up(): void {
    this.#autosave.give_up();
  }

  #changed(): void {
    this.#proposed = false;
    this.#autosave.changed();
  }

  #take(form: ReportForm | null): void {
    const text = text_of(form);
    for (const section of sections) this.text[section] = text[section];
    this.key_images = text.key_images;
    this.saved_at = form?.updated_at ?? null;
    this.saved_by = form?.updated_by ?? null;
  }

  /** Text written by one person is never stored under another's name, nor in another vault. */
  async #store(): Promise<ReportForm> {
    if (owner_now() !== this.owner) throw { code: 'locked', message: '' } satisfies Failure;
    return host().save_form(this.study, {
      ...$state.snapshot(this.text),
      key_images: [...this.key_images],
    });
  }
}

const owner_now = (): string => JSON.stringify([session.now?.vault, session.now?.user]);
const unstored = new Map<string, Draft>();
on_save_now(async () => void (await Promise.all([...unstored.values()].map((draft) => draft.flush()))));

/** The draft of a study: the one that could not be stored yet, otherwise a new one of what the program has. */
export function draft_of(study: string, form: ReportForm | null): Draft {
  const owner = owner_now();
  const place = `${owner} ${study}`;
  const before = unstored.get(place);
  unstored.delete(place);
  if (before?.unsaved === true) return before;
  return new Draft(study, form, owner);
}

/** To be called when the screen goes: stores what is left, and keeps what could not be stored. */
export async function leave(draft: Draft): Promise<void> {
  if (!draft.unsaved) return;
  const place = `${draft.owner} ${draft.study}`;
  unstored.set(place, draft);
  if ((await draft.flush()) && unstored.get(place) === draft) unstored.delete(place);
}
