/** The models of the made-up machine: two versions of one, one of another and a damaged one. */
import type { BundleDeed, ModelFigure, ModelInfo, ModelUse, Verification } from '../generated/wire';
import { bundle, operating_point, outline_point } from './detail';
import { hex } from './random';

const set = 'brain-mri/lgg-flair val';
const chosen = {
  set: { pack: 'brain-mri', subset: 'lgg-flair', split: 'val', images: 367, patients: 12 },
  chosen_on_it: true,
};
const figure = (
  name: string,
  value: number | null,
  low: number | null = null,
  high: number | null = null,
): ModelFigure => ({ name, value, low, high, set });

const figures: ModelFigure[] = [
  figure('image_auc', 0.986, 0.97, 0.998),
  figure('core.image_auc', 0.982, 0.968, 0.996),
  figure('sensitivity', 0.947, 0.893, 0.988),
  figure('specificity', 0.967, 0.952, 0.984),
  figure('patient_dice', 0.816, 0.75, 0.877),
  figure('slice_dice', 0.76, 0.694, 0.82),
  figure('pointing', 0.953, 0.917, 0.983),
  figure('false_positives_per_image', 0.076, 0.043, 0.117),
  figure('ece', 0.028, 0.021, 0.047),
  figure('brier', 0.041, 0.02, 0.065),
  figure('refused', 0.01, 0, 0.028),
  figure('probe.thumbnail_auc', 0.792, 0.692, 0.891),
  figure('probe.border_auc', 0.676, 0.586, 0.799),
  figure('probe.centre_pointing', null),
  figure('probe.ece_if_calibrated', 0.021, 0.011, 0.034),
];

const card = (name: string, version: string): string => `# ${name} ${version}

Bright lesions on axial FLAIR slices of the head

**Intended use.** A second look at axial FLAIR MR slices of adult heads for lesions of the kind of lower-grade gliomas. Research use only; not for diagnosis.

**Not for** other sequences, planes, body parts, children, or any diagnosis. The input gate refuses other body parts and modalities, but not other MR sequences or planes of the head: those are the reader's to keep away.

**Weights** sha256 \`${bundle.weights_sha256}\`, 8061540 bytes.

## Data

- TCGA-LGG with FLAIR lesion masks (Buda et al.). Licence: images CC BY 3.0; masks CC BY-NC-SA 4.0: non-commercial.
- 2104 pictures trained on, split by patient; 400 more are synthetic phantoms, never counted in an evaluation.
- <img src=x onerror=alert(1)> is text here, like everything else.

## Figures

Set: ${set}, 413 pictures of 12 patients; 95 % intervals by patient-level bootstrap.

| figure | value | 95 % interval |
|---|---:|---:|
${figures.map((one) => `| ${one.name} | ${one.value?.toFixed(3) ?? '–'} | ${one.low === null ? '–' : `${one.low.toFixed(3)} to ${one.high?.toFixed(3) ?? ''}`} |`).join('\n')}

## How it was made

\`\`\`
overread train --bundle ${name} --data <folder of the pack> --out <new folder> --seed 1 --epochs 16
\`\`\`
`;

const brain = (version: string, part: Partial<ModelInfo>): ModelInfo => ({
  name: bundle.name,
  version,
  title: 'Bright lesions on axial FLAIR slices of the head',
  ok: true,
  problem: null,
  signed: true,
  says: 'whether',
  active: false,
  deeds: ['activate'],
  origin: 'shipped',
  weights_sha256: hex(version.length + version.charCodeAt(2), 64),
  manifest_sha256: hex(version.length + version.charCodeAt(4), 64),
  activated_manifest_sha256: null,
  prevalence: { calibrated_at: 0.409, stated: null, changed_at: null, changed_by: null },
  intended_use:
    'A second look at axial FLAIR MR slices of adult heads for lesions of the kind of lower-grade gliomas. Research use only; not for diagnosis.',
  operating_points: [
    { ...operating_point, ...chosen },
    {
      ...operating_point,
      name: 'sensitive',
      threshold: 0.079,
      sensitivity: { value: 0.96, low: null, high: null },
      specificity: { value: 0.88, low: null, high: null },
      ...chosen,
    },
  ],
  data_licences: ['images CC BY 3.0; masks CC BY-NC-SA 4.0: non-commercial'],
  commercial_use: 'not_allowed',
  card: card(bundle.name, version),
  data_licence_text:
    'The weights of this bundle are under CC BY-NC-SA 4.0.\n\nThey were trained on:\n\nTCGA-LGG with FLAIR lesion masks (Buda et al.)\nLicence: images CC BY 3.0; masks CC BY-NC-SA 4.0: non-commercial\n',
  figures,
  history: [],
  ...part,
});

export function models(): ModelInfo[] {
  const history: ModelUse[] = [
    {
      version: bundle.version,
      weights_sha256: bundle.weights_sha256,
      first_used_at: Date.UTC(2026, 9, 2, 8),
      analyses: 4211,
      state: 'active',
    },
    {
      version: '0.0.9',
      weights_sha256: hex(9, 64),
      first_used_at: Date.UTC(2026, 6, 14, 6, 30),
      analyses: 912,
      state: 'retired',
    },
  ];
  return [
    brain(bundle.version, { active: true, deeds: ['retire'], weights_sha256: bundle.weights_sha256, history }),
    brain('0.0.9', { origin: 'installed', deeds: ['roll_back'], history }),
    {
      name: 'chest-xray',
      version: '0.2.0',
      title: 'Chest radiographs of adults, frontal view, with a title that is much longer than any list is wide',
      ok: true,
      problem: null,
      signed: false,
      says: 'where',
      active: false,
      deeds: ['activate'],
      origin: 'installed',
      weights_sha256: hex(5, 64),
      manifest_sha256: hex(6, 64),
      activated_manifest_sha256: null,
      prevalence: null,
      intended_use: 'Second reader for frontal chest radiographs.',
      operating_points: [outline_point],
      data_licences: ['CC0'],
      commercial_use: 'allowed',
      card: '# Chest radiograph\n\nNothing more is known.\n',
      data_licence_text: 'CC0',
      figures: [
        { name: 'image_auc', value: 0.871, low: null, high: null, set: 'held-out test set' },
        { name: 'lesions_per_picture', value: 1.4, low: 1.1, high: 1.8, set: 'held-out test set' },
      ],
      history: [],
    },
    {
      name: 'damaged-bundle',
      version: null,
      title: null,
      ok: false,
      problem: {
        code: 'bundle_damaged',
        message: 'weights.safetensors does not have the hash that manifest.json names; fetch the bundle again',
      },
      signed: false,
      says: null,
      active: false,
      deeds: [],
      origin: 'installed',
      weights_sha256: null,
      manifest_sha256: null,
      activated_manifest_sha256: null,
      prevalence: null,
      intended_use: null,
      operating_points: [],
      data_licences: [],
      commercial_use: 'not_stated',
      card: null,
      data_licence_text: null,
      figures: [],
      history: [],
    },
  ];
}

/** From the newest: the list itself stands in another order. */
const newest_first = ['0.2.0', bundle.version, '0.0.9'];

/** What the program would offer for each, of whole bundles. */
function with_deeds(list: readonly ModelInfo[]): ModelInfo[] {
  const age = (one: ModelInfo): number => newest_first.indexOf(one.version ?? '');
  return list.map((one) => {
    const in_use = list.find((other) => other.name === one.name && other.active);
    const older = in_use !== undefined && age(one) > age(in_use);
    const deed: BundleDeed = one.active ? 'retire' : older ? 'roll_back' : 'activate';
    return { ...one, deeds: one.ok ? [deed] : [] };
  });
}

/** One version of a bundle is in use at a time. */
export function activated(list: readonly ModelInfo[], name: string, version: string): ModelInfo[] {
  return with_deeds(
    list.map((one) => {
      if (one.name !== name) return one;
      const active = one.version === version;
      return { ...one, active, activated_manifest_sha256: active ? one.manifest_sha256 : null };
    }),
  );
}

export function retired(list: readonly ModelInfo[], name: string, version: string): ModelInfo[] {
  return with_deeds(
    list.map((one) => (one.name === name && one.version === version ? { ...one, active: false } : one)),
  );
}

export function installed(list: readonly ModelInfo[]): ModelInfo[] {
  return with_deeds([brain('0.2.0', { origin: 'installed' }), ...list]);
}

export function verification(list: readonly ModelInfo[]): Verification {
  const problems = list.flatMap((one) => (one.problem === null ? [] : [`${one.name}: ${one.problem.message}`]));
  return { ok: problems.length === 0, libtorch: '2.11.0', problems };
}

/** With what a person stated for a bundle, or without. */
export function told_for(models: readonly ModelInfo[], name: string, share: number | null): ModelInfo[] {
  return models.map((one) =>
    one.name === name && one.prevalence !== null
      ? {
          ...one,
          prevalence: { ...one.prevalence, stated: share, changed_at: Date.UTC(2026, 9, 3, 9), changed_by: 'admin' },
        }
      : one,
  );
}
