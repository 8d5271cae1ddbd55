/** One study: its images, analyses, decisions and annotations. */
import type { AnalyzeSummary, StudyDetail } from '../../generated/wire';
import type { Host } from '../../generated/host';
import { counterparts, detail_of, place_of, study_of } from '../detail';
import { lesions_of } from '../lesions';
import * as pixels from '../pixels';
import { ask, doubt_of_date, statement } from '../sentences';
import { index_of } from '../studies';
import { failure, type World } from '../world';

/** A study whose files leave something open (`asks`). */
const questions = ({ images, series, summary }: StudyDetail): Partial<StudyDetail> => ({
  summary: summary.refused === null ? summary : { ...summary, refused: ask, refusal: 'not_stated' },
  notes: [{ told: statement, images, series: series.map((one) => one.series_instance_uid) }],
  doubts: [{ field: 'study_date', told: doubt_of_date }],
});

export function study(world: World) {
  const detail = (study_instance_uid: string): StudyDetail => {
    const row = world.study(study_instance_uid);
    const priors = world
      .rows()
      .filter((other) => other.patient_id === row.patient_id && other !== row)
      .map((other) => world.shown(other));
    const reading = world.readings.get(study_instance_uid) ?? null;
    const decided = row.state === 'reviewed' || row.state === 'signed';
    const hidden = world.session?.read_first === true && !decided && reading?.revealed_at == null;
    const whole = detail_of(row, priors, hidden);
    const reviewed = (id: string): StudyDetail['analyses'][number]['findings'][number]['review'] =>
      world.reviews.get(id) ?? null;
    const analyses = whole.analyses.map((one) => ({
      ...one,
      findings: one.findings.map((f) => ({
        ...f,
        review: reviewed(f.id) ?? f.review,
        note_draft: world.drafts.get(f.id) ?? null,
      })),
    }));
    return {
      ...whole,
      ...(world.options.asks ? questions(whole) : {}),
      state: world.shown(row).state,
      reading,
      analyses,
      lesions: lesions_of(whole.series, analyses),
      annotations: world.annotations.get(study_instance_uid) ?? [],
      form: world.forms.get(study_instance_uid) ?? whole.form,
      sign_off: world.sign_offs.get(study_instance_uid) ?? whole.sign_off,
    };
  };
  const picture = (sop_instance_uid: string): [number, pixels.Shape, number, number] => {
    const place = place_of(sop_instance_uid);
    const row = world.study(place.study);
    return [
      index_of(place.study) + (place.series - 1) * 7_000_000,
      pixels.shape_of(row.modality),
      place.z,
      row.instances,
    ];
  };
  const analyze = (studies: string[], subject: string | null): number => {
    for (const uid of studies) world.change(uid, { state: 'analysing', progress: [0, world.study(uid).instances] });
    const total = studies.reduce((sum, uid) => sum + world.study(uid).instances, 0);
    return world.jobs.start({
      kind: 'analyze',
      subject,
      study: studies.length === 1 ? studies[0] : undefined,
      total,
      per_second: 24,
      phases: ['loading the model', 'analysing', 'analysing', 'analysing'],
      end: () => {
        const where = studies.filter((uid) => world.study(uid).modality === 'CT');
        for (const uid of studies) {
          const told = where.includes(uid) ? 'outlined' : 'flagged';
          world.change(uid, { state: told, [told]: true, score: 0.87, findings: 1, progress: null });
        }
        const summary: AnalyzeSummary = {
          analyses: total,
          hidden: 0,
          flagged: studies.length - where.length,
          outlined: where.length,
          says_where: where.reduce((sum, uid) => sum + world.study(uid).instances, 0),
          refused: 0,
          failed: [],
          failed_unlisted: 0,
        };
        return { analyze: summary };
      },
    });
  };
  return {
    open_study: async (uid) => {
      if (!world.readings.has(uid))
        world.readings.set(uid, {
          reader: 'admin',
          opened_at: Date.now(),
          opinion: null,
          note: null,
          committed_at: null,
          revealed_at: null,
        });
      return detail(uid);
    },
    refresh_study: async (uid) => detail(uid),
    read_ahead: async (uid) => detail(uid).series,
    set_patient: async (uid, { birth_date, sex, ...entry }) => {
      world.change(uid, { ...entry, birth_date: birth_date || null, sex });
      return detail(uid);
    },
    state_kind: async (uid, { age }) => {
      if (age.trim() === '0' || Number(age) > 120)
        throw failure('wrong_usage', `an age of ${age} years is no patient's`);
      return detail(uid);
    },
    counterparts: async (from, to) =>
      counterparts(detail(study_of(from)).series, from, detail(study_of(to)).series, to),
    save_note_draft: async (finding_id, note) => {
      if (note.trim() === '') world.drafts.delete(finding_id);
      else world.drafts.set(finding_id, note);
    },
    frame: async (uid) => pixels.frame(...picture(uid)),
    anomaly_map: async (uid) => {
      const row = world.study(place_of(uid).study);
      if (row.score === null) throw failure('no_map', `there is no anomaly map of ${uid}`);
      const [seed, shape, z, depth] = picture(uid);
      return row.flagged || row.outlined
        ? pixels.anomaly_map(seed, shape, z, depth)
        : pixels.anomaly_map(seed, shape, -99, depth);
    },
    prefetch: async () => undefined,
    save_annotation: async (uid, annotation) => {
      const saved = { ...annotation, created_by: 'admin', updated_at: Date.now() };
      world.annotations.set(uid, [
        ...(world.annotations.get(uid) ?? []).filter((other) => other.id !== saved.id),
        saved,
      ]);
      return saved;
    },
    remove_annotation: async (uid, id) => {
      world.annotations.set(
        uid,
        (world.annotations.get(uid) ?? []).filter((other) => other.id !== id),
      );
    },
    commit_opinion: async (uid, opinion, note) => {
      const now = Date.now();
      const before = world.readings.get(uid);
      world.readings.set(uid, {
        reader: 'admin',
        opened_at: before?.opened_at ?? now,
        opinion,
        note,
        committed_at: now,
        revealed_at: now,
      });
      world.change(uid, {});
      return detail(uid);
    },
    analyze_study: async (uid) => analyze([uid], world.study(uid).description),
    analyze_new: async () =>
      analyze(
        world
          .rows()
          .filter((row) => row.state === 'new')
          .slice(0, 12)
          .map((row) => row.study_instance_uid),
        null,
      ),
    review: async (finding_id, decision, note) => {
      const row = world
        .rows()
        .find((one) =>
          detail_of(one, [], false).analyses.some((analysis) => analysis.findings.some((f) => f.id === finding_id)),
        );
      if (row === undefined) throw failure('not_found', `there is no finding ${finding_id} in the vault`);
      const review = { finding_id, decision, note, reader: 'admin', decided_at: Date.now() };
      world.reviews.set(finding_id, review);
      world.drafts.delete(finding_id);
      const ids = detail_of(row, [], false).analyses.flatMap((analysis) => analysis.findings.map((f) => f.id));
      const reviewed = ids.filter((id) => world.reviews.has(id)).length;
      world.change(row.study_instance_uid, {
        findings: ids.length,
        findings_reviewed: reviewed,
        state: reviewed === ids.length ? 'reviewed' : row.state,
      });
      return { review, study_instance_uid: row.study_instance_uid, study_state: row.state };
    },
  } satisfies Partial<Host>;
}
