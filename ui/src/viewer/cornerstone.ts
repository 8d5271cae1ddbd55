/**
 * Cornerstone3D as this viewer uses it: its viewports, its annotation tools and its timing of redraws, with our own
 * frames, our own transform and our own painter. Its processor path is the frame for them (`image.render`).
 */
import {
  cache,
  Enums,
  eventTarget,
  imageLoader,
  metaData,
  RenderingEngine,
  setUseCPURendering,
  type StackViewport,
  type Types,
  utilities,
} from '@cornerstonejs/core';
import * as tools from '@cornerstonejs/tools';
import { on_leave } from '../state/session.svelte';
import type { Frame } from './frame';
import { frames } from './frames.svelte';
import { pixel_shape, plane_of } from './geometry';
import type { Slice } from './stack';

export const engine_id = 'overread';
const scheme = 'overread';

/** Slices by their id, so that the loader and the metadata can answer for them. */
const known = new Map<string, Slice>();
on_leave(() => known.clear());
type PaintInto = (canvas: HTMLCanvasElement, frame: Frame) => void;
const painters = new WeakMap<HTMLCanvasElement, PaintInto>();

let engine: RenderingEngine | null = null;

/** Sets Cornerstone up at the first call; the worklist opens without its three megabytes. */
export function rendering_engine(): RenderingEngine {
  if (engine !== null) return engine;
  setUseCPURendering(true);
  imageLoader.registerImageLoader(scheme, (id) => ({ promise: load_image(id) }));
  metaData.addProvider(metadata, 1000);
  // The budget is ours (frame_store.ts); what it throws out is taken out of Cornerstone's cache too.
  cache.setMaxCacheSize(Number.MAX_SAFE_INTEGER);
  frames.on_evicted((id) => {
    if (cache.getImageLoadObject(id) !== undefined) cache.removeImageLoadObject(id, { force: true });
  });
  tools.init();
  engine = new RenderingEngine(engine_id);
  return engine;
}

export function know(slices: readonly Slice[]): void {
  for (const slice of slices) known.set(slice.id, slice);
}

export const slice_of = (id: string | undefined): Slice | undefined => (id === undefined ? undefined : known.get(id));

/** Enables a tile's element: its canvas is ours and must already carry Cornerstone's class (see Tile.svelte). */
export function enable(
  viewport_id: string,
  element: HTMLDivElement,
  canvas: HTMLCanvasElement,
  paint: PaintInto,
): StackViewport {
  const running = rendering_engine();
  painters.set(canvas, paint);
  running.enableElement({ viewportId: viewport_id, element, type: Enums.ViewportType.STACK });
  // Keys belong to the tile around it: with the focus in here Cornerstone would swallow them all.
  element.removeAttribute('tabindex');
  return running.getViewport(viewport_id) as StackViewport;
}

export function disable(viewport_id: string): void {
  engine?.disableElement(viewport_id);
}

async function load_image(id: string): Promise<Types.IImage> {
  const frame = await frames.load(id);
  return image_of(id, frame);
}

/** What Cornerstone wants to know of an image; the samples stay where they are. */
function image_of(id: string, frame: Frame): Types.IImage {
  const { rows, cols, window, samples } = frame;
  const known_slice = slice_of(id);
  const spacing = known_slice === undefined ? [1, 1] : pixel_shape(known_slice.plane);
  const voxels = utilities.VoxelManager.createImageVoxelManager({
    width: cols,
    height: rows,
    scalarData: samples,
    numberOfComponents: frame.color ? 3 : 1,
  });
  return {
    imageId: id,
    rows,
    columns: cols,
    height: rows,
    width: cols,
    rowPixelSpacing: spacing[0],
    columnPixelSpacing: spacing[1],
    color: frame.color,
    rgba: false,
    numberOfComponents: frame.color ? 3 : 1,
    minPixelValue: frame.min,
    maxPixelValue: frame.max,
    slope: frame.slope,
    intercept: frame.intercept,
    windowCenter: window.center,
    windowWidth: window.width,
    voiLUTFunction: Enums.VOILUTFunctionType.LINEAR,
    invert: frame.invert,
    // Whole numbers, or Cornerstone would make its own 16-bit copy of fractional samples.
    preScale: { enabled: false, scaled: false, scalingParameters: { rescaleSlope: 1, rescaleIntercept: 0 } },
    sizeInBytes: 1,
    dataType: samples.constructor.name as Types.PixelDataTypedArrayString,
    getPixelData: () => samples,
    getCanvas: () => document.createElement('canvas'),
    voxelManager: voxels as Types.IImage['voxelManager'],
    render: ({ canvas }) => {
      if (canvas !== undefined) painters.get(canvas)?.(canvas, frame);
    },
  };
}

function metadata(kind: string, id: string): unknown {
  const slice = typeof id === 'string' ? known.get(id) : undefined;
  if (slice === undefined) return undefined;
  const { instance } = slice;
  switch (kind) {
    case 'imagePixelModule':
      return {
        bitsAllocated: 16,
        bitsStored: instance.bits_stored,
        highBit: instance.bits_stored - 1,
        pixelRepresentation: 0,
        samplesPerPixel: instance.samples,
        photometricInterpretation: instance.photometric_interpretation,
      };
    case 'imagePlaneModule': {
      const plane = plane_of(slice.plane);
      return {
        // One frame of reference for all: annotations belong to their slice, never to a place shared by slices.
        frameOfReferenceUID: scheme,
        rows: instance.rows,
        columns: instance.cols,
        rowCosines: [...plane.row],
        columnCosines: [...plane.column],
        imageOrientationPatient: [...plane.row, ...plane.column],
        imagePositionPatient: [...plane.position],
        pixelSpacing: [...plane.spacing],
        rowPixelSpacing: plane.spacing[0],
        columnPixelSpacing: plane.spacing[1],
        sliceThickness: slice.plane.slice_thickness_mm ?? 1,
      };
    }
    case 'generalSeriesModule':
      return { modality: slice.modality };
    default:
      return undefined;
  }
}

export { eventTarget, tools };
