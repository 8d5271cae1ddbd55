/** Which labelled images the figures of an operating point are of, in the language of the interface. */
import type { OperatingPoint } from '../ipc';
import { number } from './format';
import { t } from './index.svelte';

function counted({ images, patients }: OperatingPoint): string | null {
  if (images === null) return null;
  if (patients === null) return t('models.points.images', { images: number(images) });
  return t('models.points.images_of_patients', { images: number(images), patients: number(patients) });
}

export function measured_on(point: OperatingPoint): string {
  const chosen = point.chosen_on_it ? t('models.points.chosen') : null;
  return [point.set, counted(point), chosen].filter((part) => part !== null).join(', ');
}
