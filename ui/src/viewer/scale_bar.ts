/** The bar that says how long a centimetre is on the screen. */
export type ScaleBar = { /** screen pixels */ length: number; value: number; unit: 'mm' | 'cm' | 'px' };

/**
 * The longest round length (1, 2, 5 times a power of ten) that fits into `room` screen pixels.
 * `pixels_per_unit` is screen pixels for a millimetre, or for a pixel of the image where it has no spacing.
 */
export function scale_bar(pixels_per_unit: number, has_spacing: boolean, room: number): ScaleBar | null {
  if (!(pixels_per_unit > 0) || !(room > 0)) return null;
  const most = room / pixels_per_unit;
  const power = 10 ** Math.floor(Math.log10(most));
  const value = ([5, 2, 1].find((step) => step * power <= most * (1 + 1e-9)) ?? 1) * power;
  if (!has_spacing) return value < 1 ? null : { length: value * pixels_per_unit, value, unit: 'px' };
  if (value >= 10) return { length: value * pixels_per_unit, value: value / 10, unit: 'cm' };
  return { length: value * pixels_per_unit, value, unit: 'mm' };
}
