/** Cornerstone's length, angle, ellipse, text and arrow, with our own arithmetic and our own words. */
import { getEnabledElement, type Types } from '@cornerstonejs/core';
import type { Types as ToolTypes } from '@cornerstonejs/tools';
import type { Measured } from '../ipc';
import { t, type Key } from '../words/index.svelte';
import { number } from '../words/format';
import { slice_of, tools } from './cornerstone';
import { frames } from './frames.svelte';
import { pixel_from_world, plane_of } from './geometry';
import { basis_at, measured, units_of } from './measure';
import type { Point } from './view';

type Drawn = ToolTypes.Annotation;
const { LengthTool, AngleTool, EllipticalROITool, LabelTool, ArrowAnnotateTool } = tools;

/** Pixels of the annotation's own frame; Cornerstone keeps places in the patient. */
export function pixels_of(drawn: Drawn): Point[] {
  const slice = slice_of(drawn.metadata?.referencedImageId);
  if (slice === undefined) return [];
  const plane = plane_of(slice.plane);
  return (drawn.data.handles?.points ?? []).map((world) => pixel_from_world(plane, world));
}

export function values_of(kind: string, drawn: Drawn): Measured[] {
  const slice = slice_of(drawn.metadata?.referencedImageId);
  if (slice === undefined) return [];
  return measured(kind, pixels_of(drawn), frames.ready(slice.id) ?? null, units_of(slice.plane));
}

export function value_words({ name, value, unit }: Measured): string {
  const size = Math.abs(value);
  const digits = unit === '°' || size >= 100 ? 1 : size < 1 && size > 0 ? 3 : 2;
  return `${t(`viewer.measure.${name}` as Key)} ${number(value, digits)}${unit === '' || unit === '°' ? unit : ` ${unit}`}`;
}

/** What a length rests on, where that is more than the place of a slice in the patient. */
function basis_words(kind: string, drawn: Drawn, values: readonly Measured[]): string | null {
  const plane = slice_of(drawn.metadata?.referencedImageId)?.plane;
  const basis = plane === undefined ? null : basis_at(kind, pixels_of(drawn), units_of(plane));
  const in_mm = values.some(({ unit }) => unit === 'mm' || unit === 'mm²');
  if (kind === 'angle' || !in_mm || basis === null || basis === 'patient') return null;
  return t(`viewer.basis.${basis}` as Key);
}

/** Tells Cornerstone that there is nothing for it to compute; the lines come from `lines`. */
function settle(drawn: Drawn, kind: string): object {
  const values = values_of(kind, drawn);
  const stats = (drawn.data.cachedStats ?? {}) as Record<string, unknown>;
  for (const target of Object.keys(stats))
    stats[target] = {
      unit: '',
      areaUnit: '',
      length: 0,
      // Without one Cornerstone writes nothing beside an angle.
      angle: 1,
      area: 0,
      values,
      basis: basis_words(kind, drawn, values),
    };
  drawn.invalidated = false;
  return stats;
}

type Stats = { values?: Measured[]; basis?: string | null };

function lines(data: { cachedStats?: Record<string, Stats> }, target: string): string[] {
  const { values = [], basis = null } = data.cachedStats?.[target] ?? {};
  const rests = basis === null ? [] : [basis];
  const minmax = values.filter(({ name }) => name === 'min' || name === 'max').map(value_words);
  const own = values.filter(({ name }) => name !== 'min' && name !== 'max').map(value_words);
  return [...own, ...(minmax.length === 0 ? [] : [minmax.join('  ')]), ...rests];
}

/** Cornerstone binds z and y itself; undo here is one for everything and has its own keys. */
const configuration = { getTextLines: lines, actions: {} };

export class Length extends LengthTool {
  static override toolName = 'length';
  constructor(props = {}) {
    super(props);
    Object.assign(this.configuration, configuration);
    this._throttledCalculateCachedStats = (drawn: Drawn) => settle(drawn, 'length');
  }
  override _calculateCachedStats(drawn: Drawn): object {
    return settle(drawn, 'length');
  }
}

export class Angle extends AngleTool {
  static override toolName = 'angle';
  constructor(props = {}) {
    super(props);
    Object.assign(this.configuration, configuration);
    this._throttledCalculateCachedStats = (drawn: Drawn) => settle(drawn, 'angle');
  }
  override _calculateCachedStats(drawn: Drawn): object {
    return settle(drawn, 'angle');
  }
}

export class Ellipse extends EllipticalROITool {
  static override toolName = 'ellipse';
  constructor(props = {}) {
    super(props);
    Object.assign(this.configuration, configuration);
    this._calculateCachedStats = (drawn: Drawn) => settle(drawn, 'ellipse');
    this._throttledCalculateCachedStats = this._calculateCachedStats;
    const select = this.handleSelectedCallback;
    this.handleSelectedCallback = (event, annotation, handle) => {
      upright(event.detail.element, annotation.data.handles.points);
      select(event, annotation, handle);
    };
  }
}

/** Cornerstone takes the first two ends for the ones above each other; after a quarter turn they are not. */
function upright(element: HTMLDivElement, points: Types.Point3[]): void {
  const viewport = getEnabledElement(element)?.viewport;
  const [first, second] = points;
  if (viewport === undefined || first === undefined || second === undefined) return;
  const [x1, y1] = viewport.worldToCanvas(first);
  const [x2, y2] = viewport.worldToCanvas(second);
  if (Math.abs(x2 - x1) > Math.abs(y2 - y1)) points.push(...points.splice(0, 2));
}

type AskText = (done: (text: string | null) => void) => void;
let ask_text: AskText = (done) => done(null);
/** The viewer opens its own small field instead of the browser's box. */
export function ask_texts_with(ask: AskText): void {
  ask_text = ask;
}

export class Text extends LabelTool {
  static override toolName = 'text';
  constructor(props = {}) {
    super(props);
    const add = this.addNewAnnotation;
    this.addNewAnnotation = (event) => {
      this.configuration.getTextCallback = (done: (text: string | null) => void) =>
        ask_text((text) => this.#answered(event.detail.element, done, text));
      return add(event);
    };
  }

  /** Cornerstone leaves its cursor hidden and itself drawing where nothing was written. */
  #answered(element: HTMLDivElement, done: (text: string | null) => void, text: string | null): void {
    done(text);
    this.isDrawing = false;
    this.editData = null;
    tools.cursors.elementCursor.resetElementCursor(element);
  }
}

/** Arrows whose words are still asked for: they are not finished, and not stored. */
const worded = new Set<string>();
export const is_asked_for_words = (drawn: Drawn): boolean => worded.has(drawn.annotationUID ?? '');

/** Its tip lies where the drag began, the words at its other end. */
export class Arrow extends ArrowAnnotateTool {
  static override toolName = 'arrow';
  constructor(props = {}) {
    super(props);
    this.configuration.getTextCallback = (done: (text: string | null) => void) => {
      const uid = this.editData?.annotation.annotationUID ?? '';
      worded.add(uid);
      ask_text((text) => {
        worded.delete(uid);
        done(text);
      });
    };
    this.configuration.changeTextCallback = (_drawn: Drawn, _event: unknown, done: (text: string | null) => void) =>
      ask_text((text) => {
        if (text !== null) done(text);
      });
  }
}
