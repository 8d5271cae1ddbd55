/**
 * Cornerstone computes statistics of segmentations in a worker of three megabytes. Nothing here segments, so the worker
 * is left out of the build; what would start it says so.
 */
import type { Plugin } from 'vite';

export function no_compute_worker(): Plugin {
  return {
    name: 'overread-no-compute-worker',
    enforce: 'pre',
    transform(_code, id) {
      if (!id.endsWith('/@cornerstonejs/tools/dist/esm/utilities/registerComputeWorker.js')) return null;
      return {
        code: "export function registerComputeWorker() { throw new Error('this build has no worker for segmentations'); }",
        map: null,
      };
    },
  };
}
