/**
 * The annotations of the studies on the screen: drawn by Cornerstone, stored with the study at each edit.
 * Every change goes through here, so that it can be undone, and what is stored is what is shown.
 */
import type { Types as ToolTypes } from '@cornerstonejs/tools';
import { host, type Annotation, type AnnotationKind } from '../ipc';
import { notices } from '../state/notices.svelte';
import { t } from '../words/index.svelte';
import { eventTarget, slice_of, tools } from './cornerstone';
import { world_from_pixel, plane_of } from './geometry';
import type { History } from './history';
import { is_asked_for_words, pixels_of, values_of } from './measure_tools';
import { slice_id } from './stack';
import type { Point } from './view';

type Drawn = ToolTypes.Annotation;
const { Events } = tools.Enums;
const settles_after_ms = 200;
const corners: Readonly<Record<AnnotationKind, number>> = { length: 2, angle: 3, ellipse: 4, text: 1, arrow: 2 };
const has_words = (kind: string): boolean => kind === 'text' || kind === 'arrow';
const draws = (kind: string): kind is AnnotationKind => Object.hasOwn(corners, kind);

/** Ids are 32 hex digits; Cornerstone writes its own with dashes. */
const id_of = (uid: string | undefined): string => (uid ?? '').replaceAll('-', '');

export class Annotations {
  /** as they are stored, by id */
  #stored = new Map<string, Annotation>();
  #study_of = new Map<string, string>();
  #changed = new Map<string, Drawn>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #locked = false;
  /** signed studies that lie beside the read one: what is measured there is not kept */
  #passing = new Set<string>();
  /** while we ourselves add and remove, Cornerstone's events are not a person's */
  #quiet = false;
  count = $state(0);
  readonly #history: History;
  readonly #redraw: () => void;

  constructor(history: History, redraw: () => void) {
    this.#history = history;
    this.#redraw = redraw;
  }

  /** Listens to Cornerstone; the answer ends it and stores what is not stored yet. */
  listen(): () => void {
    const touched = (event: Event): void => {
      const drawn = (event as CustomEvent<{ annotation?: Drawn }>).detail.annotation;
      if (drawn !== undefined && !this.#quiet) this.#touch(drawn);
    };
    const all = [Events.ANNOTATION_COMPLETED, Events.ANNOTATION_MODIFIED];
    for (const name of all) eventTarget.addEventListener(name, touched);
    return () => {
      for (const name of all) eventTarget.removeEventListener(name, touched);
      this.settle();
      this.#quietly(() => tools.annotation.state.removeAllAnnotations());
    };
  }

  /** Shows what is stored with a study; what is there already, perhaps newer, stays. */
  take(study_instance_uid: string, stored: readonly Annotation[]): void {
    this.#quietly(() => {
      for (const one of stored) if (!this.#stored.has(one.id)) this.#draw(study_instance_uid, one);
    });
    this.count = this.#stored.size;
    this.#redraw();
  }

  /** A study where one may measure, and nothing is stored. */
  pass_by(study_instance_uid: string): void {
    this.#passing.add(study_instance_uid);
  }

  /** Signed studies and readers without the right to review: to be looked at only. */
  lock(locked: boolean): void {
    this.#locked = locked;
    for (const id of this.#stored.keys()) this.#lock(id);
    this.#redraw();
  }

  /** Removes what is selected, or the one that was drawn last. */
  remove_selected(): boolean {
    if (this.#locked) return false;
    const selected = tools.annotation.selection.getAnnotationsSelected().map(id_of);
    const id = selected.find((one) => this.#stored.has(one));
    const one = id === undefined ? undefined : this.#stored.get(id);
    if (one === undefined) return false;
    this.#write(one, null);
    this.#history.add({ of: one.id, undo: () => this.#write(null, one), redo: () => this.#write(one, null) });
    this.#history.rest();
    return true;
  }

  /** Takes away what is being drawn and not finished; false where nothing is. */
  break_off(element: HTMLDivElement): boolean {
    if (!tools.store.state.isInteractingWithTool) return false;
    let uid: string | undefined;
    this.#quietly(() => {
      uid = tools.cancelActiveManipulations(element);
      if (uid === undefined) return;
      this.#changed.delete(id_of(uid));
      if (!this.#stored.has(id_of(uid))) tools.annotation.state.removeAnnotation(uid);
    });
    if (uid !== undefined) this.#redraw();
    return uid !== undefined;
  }

  /** Called when the hand rests: what was drawn or moved becomes a step of the history and is stored. */
  settle(): void {
    clearTimeout(this.#timer);
    const changed = [...this.#changed.values()];
    this.#changed.clear();
    if (changed.length > 0) queueMicrotask(this.#redraw);
    for (const drawn of changed) {
      // Nothing was written at an arrow: Cornerstone took it away again.
      if (drawn.annotationUID === undefined || tools.annotation.state.getAnnotation(drawn.annotationUID) === undefined)
        continue;
      const after = this.#read(drawn);
      if (after === null) continue;
      const before = this.#stored.get(after.id) ?? null;
      if (before !== null && same(before, after)) continue;
      this.#keep(after);
      this.#history.add({
        of: after.id,
        undo: () => this.#write(after, before),
        redo: () => this.#write(before, after),
      });
      this.#history.rest();
      this.#save(after);
    }
  }

  #touch(drawn: Drawn): void {
    const kind = drawn.metadata?.toolName ?? '';
    if (!draws(kind) || (kind === 'text' && !drawn.data.label)) return;
    this.#changed.set(id_of(drawn.annotationUID), drawn);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#rest(), settles_after_ms);
  }

  /** A hand that still holds a handle, or has more corners to set, has not finished. */
  #rest(): void {
    const asked = [...this.#changed.values()].some(is_asked_for_words);
    if (tools.store.state.isInteractingWithTool || asked)
      this.#timer = setTimeout(() => this.#rest(), settles_after_ms);
    else this.settle();
  }

  #read(drawn: Drawn): Annotation | null {
    const slice = slice_of(drawn.metadata?.referencedImageId);
    const kind = drawn.metadata?.toolName;
    if (slice === undefined || kind === undefined || !draws(kind)) return null;
    const points = pixels_of(drawn).slice(0, corners[kind]);
    if (points.length !== corners[kind]) return null;
    const id = id_of(drawn.annotationUID);
    this.#study_of.set(id, slice.study_instance_uid);
    return {
      id,
      sop_instance_uid: slice.instance.sop_instance_uid,
      frame: slice.frame,
      kind,
      points: points.map(([x, y]) => [x, y]),
      text: has_words(kind) ? (drawn.data.label ?? '') : null,
      measured: values_of(kind, drawn),
      created_by: this.#stored.get(id)?.created_by ?? '',
      updated_at: 0,
    };
  }

  /** Makes the screen and the store say `to`; null means that there is no such annotation. */
  #write(from: Annotation | null, to: Annotation | null): void {
    const one = to ?? from;
    if (one === null) return;
    const study = this.#study_of.get(one.id);
    if (study === undefined) return;
    this.#quietly(() => {
      if (to === null) this.#erase(one.id);
      else this.#draw(study, to);
    });
    this.#study_of.set(one.id, study);
    this.count = this.#stored.size;
    this.#redraw();
    if (to !== null) this.#save(to);
    else if (!this.#passing.has(study))
      host()
        .remove_annotation(study, one.id)
        .catch((failure: unknown) => notices.fail(failure));
  }

  #save(annotation: Annotation): void {
    const study = this.#study_of.get(annotation.id);
    if (study === undefined) return;
    if (this.#passing.has(study)) return notices.say(t('viewer.not_kept'));
    host()
      .save_annotation(study, annotation)
      .then((saved) => {
        if (this.#stored.has(saved.id)) this.#stored.set(saved.id, saved);
      })
      .catch((failure: unknown) => notices.fail(failure, () => this.#save(annotation)));
  }

  #keep(annotation: Annotation): void {
    this.#stored.set(annotation.id, annotation);
    this.count = this.#stored.size;
  }

  #draw(study: string, annotation: Annotation): void {
    const slice = slice_of(slice_id(annotation.sop_instance_uid, annotation.frame));
    this.#erase(annotation.id);
    this.#stored.set(annotation.id, annotation);
    this.#study_of.set(annotation.id, study);
    if (slice === undefined || !draws(annotation.kind)) return;
    const drawn = drawn_from(annotation, slice.id, plane_of(slice.plane));
    tools.annotation.state.addAnnotation(drawn, 'overread');
    this.#lock(annotation.id);
  }

  #lock(id: string): void {
    const drawn = tools.annotation.state.getAllAnnotations().find((one) => id_of(one.annotationUID) === id);
    if (drawn?.annotationUID !== undefined)
      tools.annotation.locking.setAnnotationLocked(drawn.annotationUID, this.#locked);
  }

  #erase(id: string): void {
    const drawn = tools.annotation.state.getAllAnnotations().find((one) => id_of(one.annotationUID) === id);
    if (drawn?.annotationUID !== undefined) tools.annotation.state.removeAnnotation(drawn.annotationUID);
    this.#stored.delete(id);
    this.#study_of.delete(id);
  }

  #quietly(deed: () => void): void {
    this.#quiet = true;
    try {
      deed();
    } finally {
      this.#quiet = false;
    }
  }
}

const same = (a: Annotation, b: Annotation): boolean =>
  a.text === b.text && JSON.stringify(a.points) === JSON.stringify(b.points);

function drawn_from(
  annotation: Annotation,
  referencedImageId: string,
  plane: Parameters<typeof world_from_pixel>[0],
): Drawn {
  const places = annotation.points.map(
    (point: Point) => [...world_from_pixel(plane, point)] as [number, number, number],
  );
  const nowhere = (): [number, number, number] => [0, 0, 0];
  return {
    annotationUID: annotation.id,
    highlighted: false,
    invalidated: true,
    isLocked: false,
    isVisible: true,
    metadata: {
      toolName: annotation.kind,
      referencedImageId,
      FrameOfReferenceUID: 'overread',
      viewPlaneNormal: [0, 0, 1],
    },
    data: {
      label: annotation.text ?? '',
      cachedStats: {},
      handles: {
        points: places,
        activeHandleIndex: null,
        textBox: {
          hasMoved: false,
          worldPosition: nowhere(),
          worldBoundingBox: { topLeft: nowhere(), topRight: nowhere(), bottomLeft: nowhere(), bottomRight: nowhere() },
        },
      },
    },
  };
}
