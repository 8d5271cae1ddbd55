/** What the made-up program knows and remembers while the page is open. The address tunes it: see `options`. */
import type {
  Permission,
  Annotation,
  AppEvent,
  Failure,
  FailureCode,
  ReportForm,
  Review,
  SavedFilter,
  SessionInfo,
  Settings,
  SignOff,
  Reading,
  VaultPlace,
  WorklistRow,
} from '../generated/wire';
import { as_failure } from '../../state/failures';
import { FakeJobs } from './jobs';
import { hide, index_of, row, type Selected } from './studies';

export type Options = {
  /** how many studies the vault holds */
  studies: number;
  /** milliseconds each command takes */
  slow: number;
  /** commands that fail, each with the code it fails with: `fail=unlock,frame:corrupt` */
  fail: ReadonlyMap<string, FailureCode>;
  /** start inside the vault */
  open: boolean;
  /** known vaults on the unlock screen */
  vaults: number;
  settings: Partial<Settings>;
  /** why nothing of the vault may be changed: `restored=records_replaced` */
  restored: SessionInfo['read_only'];
  /** the vault's policy hides the model's answer */
  read_first: boolean;
  /** files do not say all that the model needs, or what can hardly be so, and a person stated a part */
  asks: boolean;
  /** nobody decided on the policy, and this machine's settings hid the answer */
  offered: boolean;
};

export function options(search: string): Options {
  const query = new URLSearchParams(search);
  const number = (name: string, otherwise: number): number => {
    const value = Number(query.get(name) ?? Number.NaN);
    return Number.isFinite(value) ? value : otherwise;
  };
  const fail = (query.get('fail') ?? '').split(',').filter((part) => part !== '');
  const settings: Partial<Settings> = {};
  const theme = query.get('theme');
  const language = query.get('language');
  if (theme === 'dark' || theme === 'light') settings.theme = theme;
  if (language === 'en' || language === 'hu' || language === 'de') settings.language = language;
  if (query.has('lock')) settings.lock_after_minutes = number('lock', 15);
  return {
    studies: number('studies', 240),
    slow: number('slow', 0),
    fail: new Map(
      fail.map((part) => [part.split(':')[0] ?? '', as_failure({ code: part.split(':')[1], message: '' }).code]),
    ),
    open: query.has('open'),
    vaults: number('vaults', 2),
    settings,
    read_first: query.has('read_first'),
    asks: query.has('asks'),
    offered: query.has('offered'),
    restored: query.get('restored') as SessionInfo['read_only'],
  };
}

export class World {
  readonly options: Options;
  readonly jobs: FakeJobs;
  readonly listeners = new Set<(event: AppEvent) => void>();
  readonly views = new Map<number, Selected>();
  readonly annotations = new Map<string, Annotation[]>();
  readonly forms = new Map<string, ReportForm>();
  readonly reviews = new Map<string, Review>();
  readonly drafts = new Map<string, string>();
  readonly readings = new Map<string, Reading>();
  readonly sign_offs = new Map<string, SignOff>();
  settings: Settings;
  session: SessionInfo | null = null;
  filters: SavedFilter[] = [];
  vaults: VaultPlace[];
  #rows: WorklistRow[] | null = null;
  #view = 1;

  constructor(search: string, defaults: Settings) {
    this.options = options(search);
    this.settings = { ...defaults, ...this.options.settings };
    this.jobs = new FakeJobs((jobs) => this.tell({ kind: 'jobs', jobs }));
    const known: VaultPlace[] = [
      {
        folder: '/data/radiology/vault',
        user: 'admin',
        last_opened: Date.UTC(2026, 10, 23, 16, 20),
        exists: true,
        demo: false,
      },
      {
        folder: '/media/stick/a folder with a very long name that does not fit on the screen of a small machine/vault',
        user: 'كريم',
        last_opened: Date.UTC(2026, 7, 1, 7),
        exists: false,
        demo: false,
      },
    ];
    this.vaults = known.slice(0, this.options.vaults);
    if (this.options.open) this.enter('admin', '/data/radiology/vault', false);
  }

  enter(user: string, vault: string, demo: boolean): SessionInfo {
    const permissions: Permission[] = [
      'view_records',
      'import',
      'analyze',
      'review',
      'sign',
      'export',
      'manage_models',
      'manage_vault',
      'view_audit',
    ];
    this.session = {
      user,
      role: 'administrator',
      vault,
      demo,
      permissions,
      resumed_jobs: 0,
      read_first: this.options.read_first,
      read_first_offered: this.options.offered,
      read_only: this.options.restored,
    };
    return this.session;
  }

  /** What a person decided on the whole vault. */
  decide(part: Partial<SessionInfo>): SessionInfo {
    if (this.session === null) throw failure('locked', 'no vault is open; unlock one first');
    return (this.session = { ...this.session, ...part });
  }

  tell(event: AppEvent): void {
    for (const listener of this.listeners) listener(event);
  }

  rows(): WorklistRow[] {
    this.#rows ??= Array.from({ length: this.options.studies }, (_, index) => row(index));
    return this.#rows;
  }

  /** As the worklist shows it: read-first hides what is not revealed. */
  shown(one: WorklistRow): WorklistRow {
    const revealed = this.readings.get(one.study_instance_uid)?.revealed_at != null;
    return this.session?.read_first === true && !revealed ? hide(one) : one;
  }

  study(study_instance_uid: string): WorklistRow {
    const found = this.rows()[index_of(study_instance_uid)];
    if (found === undefined) throw failure('not_found', `there is no study ${study_instance_uid} in the vault`);
    return found;
  }

  change(study_instance_uid: string, part: Partial<WorklistRow>): void {
    Object.assign(this.study(study_instance_uid), part);
    this.tell({ kind: 'studies_changed', studies: [study_instance_uid] });
  }

  add_studies(count: number): string[] {
    const rows = this.rows();
    const added = Array.from({ length: count }, (_, at) => ({
      ...row(rows.length + at),
      imported_at: Date.now(),
      doubts: [],
      state: 'new' as const,
      score: null,
      flagged: false,
      outlined: false,
      findings: 0,
    }));
    rows.push(...added);
    const studies = added.map((one) => one.study_instance_uid);
    this.tell({ kind: 'studies_changed', studies });
    return studies;
  }

  keep_view(selected: Selected): number {
    const view = this.#view++;
    this.views.set(view, selected);
    this.views.delete(view - 8);
    return view;
  }
}

export function failure(code: FailureCode, message: string): Failure {
  return { code, message };
}
