/** Which labelled images the figures of an operating point are of, in the language of the interface. */
import type { OperatingPoint, SetRef } from '../ipc';
import { number } from './format';
import { t } from './index.svelte';

function counted({ images, patients }: SetRef): string | null {
  if (images === null) return null;
  if (patients === null) return t('models.points.images', { images: number(images) });
  return t('models.points.images_of_patients', { images: number(images), patients: number(patients) });
}

/** `brain-mri/lgg-flair val` */
function name_of({ pack, subset, split }: SetRef): string {
  return `${pack}${subset === null ? '' : `/${subset}`}${split === null ? '' : ` ${split}`}`;
}

export function measured_on(point: OperatingPoint): string {
  const chosen = point.chosen_on_it ? t('models.points.chosen') : null;
  return [name_of(point.set), counted(point.set), chosen].filter((part) => part !== null).join(', ');
}
