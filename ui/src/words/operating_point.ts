/** Which labelled images the figures of an operating point are of, in the language of the interface. */
import type { Bounded, OperatingPoint, SetRef } from '../ipc';
import { number, percent } from './format';
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
  const unseen = point.patients === null ? null : t('models.points.unseen');
  return [name_of(point.set), counted(point.set), chosen, unseen].filter((part) => part !== null).join(', ');
}

function bounded({ hits, of, at_least }: Bounded): string {
  return t('models.points.at_least', {
    share: percent(hits / of, 1),
    hits: number(hits),
    of: number(of),
    least: percent(at_least, 1),
  });
}

/** Why a model may flag at this point, or why it says where and not whether. */
export function reason(point: OperatingPoint): string {
  if (point.patients === null) return t('models.says.uncounted');
  const { specificity: patients } = point.patients;
  return patients.of === 0 ? t('models.says.nobody') : t('models.says.counted', { counted: bounded(patients) });
}

/** By patient, with the share that is certain, where it was counted so. */
export function sensitivity(point: OperatingPoint): string {
  return point.patients === null ? percent(point.sensitivity.value, 1) : bounded(point.patients.sensitivity);
}

/** `null`: not measured. */
export function specificity(point: OperatingPoint): string | null {
  if (point.patients === null) return point.specificity === null ? null : percent(point.specificity.value, 1);
  const { specificity: patients, established } = point.patients;
  if (patients.of === 0) return t('models.points.no_patients');
  return established ? bounded(patients) : t('models.points.not_established', { counted: bounded(patients) });
}
