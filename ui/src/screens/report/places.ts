/** Where an image stands in its study, in the numbers a reader knows: series and slice. Pure. */
import type { SeriesWire, StudyDetail } from '../../ipc';

/** `slice` is what a reader calls it, as the program names it. */
export type Place = { series: SeriesWire; slice: number };

export const key_of = (picture: { sop_instance_uid: string; frame: number }): string =>
  `${picture.sop_instance_uid}/${picture.frame}`;

/** Every frame of the study that holds an image. */
export function places_of(study: StudyDetail): Map<string, Place> {
  return new Map(
    study.series.flatMap((series) =>
      series.slices.map((slice) => [key_of(slice), { series, slice: slice.name }] as const),
    ),
  );
}

/** A series by its number and description; by its order where the file gives no number. */
export function series_name(study: StudyDetail, series: SeriesWire): { number: number; description: string } {
  const order = study.series.indexOf(series) + 1;
  return { number: series.number ?? order, description: (series.description ?? series.protocol_name ?? '').trim() };
}
