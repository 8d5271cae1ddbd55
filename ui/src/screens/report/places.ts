/** Where an image stands in its study, in the numbers a reader knows: series and slice. Pure. */
import type { InstanceWire, SeriesWire, StudyDetail } from '../../ipc';

export type Place = {
  series: SeriesWire;
  instance: InstanceWire;
  frame: number;
  /** position in the series, by frames, from 0 */
  at: number;
  /** what a reader calls it: the frame of a multi-frame image, otherwise the image's own number, otherwise its position */
  slice: number;
};

export const key_of = (picture: { sop_instance_uid: string; frame: number }): string =>
  `${picture.sop_instance_uid}/${picture.frame}`;

/** Every frame of the study that holds an image, in the order of the series. */
export function places_of(study: StudyDetail): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const series of study.series) {
    let at = 0;
    for (const instance of series.instances) {
      for (let frame = 0; frame < instance.frames; frame += 1) {
        const slice = instance.frames > 1 ? frame + 1 : (instance.number ?? at + 1);
        places.set(key_of({ sop_instance_uid: instance.sop_instance_uid, frame }), {
          series,
          instance,
          frame,
          at,
          slice,
        });
        at += 1;
      }
    }
  }
  return places;
}

/** A series by its number and description; by its order where the file gives no number. */
export function series_name(study: StudyDetail, series: SeriesWire): { number: number; description: string } {
  const order = study.series.indexOf(series) + 1;
  return { number: series.number ?? order, description: (series.description ?? series.protocol_name ?? '').trim() };
}
