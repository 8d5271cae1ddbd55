#!/usr/bin/env python3
"""Writes grey_pack.json: what pydicom 3.0.2 makes of each file of the packs `dicom` and `cases`.

    grey_pack.py DATA > grey_pack.json     (needs pydicom, numpy and pylibjpeg with its plug-ins)

For each file that holds grey and is not compressed, or without loss: 16 digits of the sha256 of all modality values (apply_modality_lut) as
little-endian float64, and where the file has a window or a VOI LUT that of what apply_voi_lut makes of the first frame,
with the range that pydicom maps a window to. Files on which pydicom is no judge (cases/README.md) are left out.
"""
import hashlib, json, pathlib, sys, warnings

import numpy as np
import pydicom
from pydicom.pixels import apply_modality_lut, apply_voi_lut

warnings.simplefilter("ignore")
PLAIN = {"1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", "1.2.840.10008.1.2.5", "1.2.840.10008.1.2.1.99",
         "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.90"}


def sha256(values):
    return hashlib.sha256(np.ascontiguousarray(values, dtype="<f8").tobytes()).hexdigest()[:16]


def one(path):
    d = pydicom.dcmread(path)
    if d.file_meta.get("TransferSyntaxUID") not in PLAIN or not str(d.PhotometricInterpretation).startswith("MONOCHROME"):
        return None
    slope, intercept = d.get("RescaleSlope"), d.get("RescaleIntercept")
    if (slope is None) != (intercept is None) or d.get("HighBit", 0) + 1 != d.get("BitsStored", 1):
        return None
    if "SharedFunctionalGroupsSequence" in d or "DoseGridScaling" in d:
        return None
    values = d.pixel_array
    modality = apply_modality_lut(values, d)
    out = {"modality": sha256(modality)}
    width = d.get("WindowWidth")
    width = width[0] if isinstance(width, pydicom.multival.MultiValue) else width
    table = "VOILUTSequence" in d
    # An S curve ends in the last bits of exp; the range of a window behind a modality LUT is no value of the file.
    if d.get("VOILUTFunction") == "SIGMOID" or "ModalityLUTSequence" in d:
        width = None
    if table or (width is not None and width >= 1):
        first = modality[0] if modality.ndim > 2 else modality
        if table:
            out["table"] = sha256(apply_voi_lut(first, d))
        else:
            low, high = (0, 2**d.BitsStored - 1) if d.PixelRepresentation == 0 else (-(2 ** (d.BitsStored - 1)), 2 ** (d.BitsStored - 1) - 1)
            if slope is not None:
                low, high = low * float(slope) + float(intercept), high * float(slope) + float(intercept)
            out["window"] = sha256(apply_voi_lut(first, d))
            out["range"] = [float(low), float(high)]
    return out


def main():
    data, found = pathlib.Path(sys.argv[1]), {}
    paths = [sorted((data / folder).rglob("*")) for folder in ("dicom/files", "cases/files")]
    paths[1] = [path for path in paths[1] if path.parent.name[:3] in ("k1-", "k2-", "k4-", "k8-")]
    paths += [sorted(folder.rglob("*"))[::40] for folder in sorted((data / "dicom/series").iterdir())]
    for path in [path for some in paths for path in some]:
        if not path.is_file():
            continue
        try:
            said = one(path)
        except Exception:  # what pydicom cannot read is no reference
            continue
        if said:
            found[str(path.relative_to(data))] = said
    lines = [json.dumps(file) + ": " + json.dumps(said) for file, said in found.items()]
    print('{"written_by": "grey_pack.py with pydicom %s", "files": {' % pydicom.__version__)
    print(",\n".join(lines) + "\n}}")


main()
