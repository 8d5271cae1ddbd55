"""What pydicom and Pillow make of a file. One JSON request a line, one JSON answer a line.

Request: {"file": path, "values": path}. The stored values go to `values` as little-endian float64, frame by
frame, row by row, interleaved; unused bits are masked, for the standard gives them no meaning (PS3.5 8.1.1).
"""
import json
import sys
import warnings

import numpy
import pydicom
from PIL import Image
from pydicom.pixels import pixel_array

warnings.simplefilter("ignore")
LOSSY = {
    "1.2.840.10008.1.2.4.50",
    "1.2.840.10008.1.2.4.51",
    "1.2.840.10008.1.2.4.81",
    "1.2.840.10008.1.2.4.91",
    "1.2.840.10008.1.2.4.203",
    "1.2.840.10008.1.2.4.112",
}


def meaning(values, ds):
    """Stored bits, sign-extended (PS3.5 8.1.1)."""
    if values.dtype.kind not in "iu" or ds.get("BitsStored") is None:
        return values
    stored = int(ds.BitsStored)
    shift = max(int(ds.get("HighBit", stored - 1)) + 1 - stored, 0)
    if ds.BitsAllocated == 1 or (shift == 0 and stored == ds.BitsAllocated):
        return values
    v = (values.astype(numpy.int64) >> shift) & ((1 << stored) - 1)
    if ds.get("PixelRepresentation", 0) == 1:
        v = numpy.where(v >= 1 << (stored - 1), v - (1 << stored), v)
    return v


def dicom(path, answer):
    ds = pydicom.dcmread(path, force=True)
    syntax = ds.file_meta.get("TransferSyntaxUID") if hasattr(ds, "file_meta") else None
    answer["kind"] = syntax.name if syntax else "no transfer syntax"
    answer["modality"] = str(ds.get("Modality", ""))
    answer["maker"] = str(ds.get("Manufacturer", ""))
    answer["lossy"] = str(syntax) in LOSSY
    if syntax is None:
        ds.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian
    raw = meaning(pixel_array(ds, raw=True), ds)
    colour = pixel_array(ds) if ds.get("SamplesPerPixel", 1) > 1 else None
    return raw, colour, int(ds.get("BitsStored", 32))


def picture(path, answer):
    image = Image.open(path)
    answer["kind"], answer["modality"], answer["maker"] = image.format, "", ""
    answer["lossy"] = image.format in ("JPEG", "WEBP")
    if image.mode in ("1", "P", "CMYK", "LAB", "HSV", "YCbCr", "LA", "RGBA", "PA"):
        raise ValueError(f"mode {image.mode} has more than one reading")
    values = numpy.asarray(image)
    return values, values if values.ndim == 3 else None, 8


def answer_to(request):
    answer = {"kind": "", "modality": "", "maker": "", "lossy": False, "refused": None}
    path = request["file"]
    with open(path, "rb") as file:
        start = file.read(132)
    is_picture = start.startswith((b"\x89PNG", b"\xff\xd8", b"II*\0", b"MM\0*", b"BM", b"RIFF"))
    try:
        raw, colour, bits = (picture if is_picture else dicom)(path, answer)
        raw.astype("<f8").tofile(request["values"])
        if colour is not None:
            colour.astype("<f8").tofile(request["values"] + ".colour")
        answer |= {"count": int(raw.size), "colour": colour is not None, "bits": bits}
    except Exception as error:
        answer["refused"] = f"{type(error).__name__}: {error}".split("\n")[0][:200]
    return answer


for line in sys.stdin:
    print(json.dumps(answer_to(json.loads(line))), flush=True)
