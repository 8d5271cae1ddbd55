"""What pydicom, tifffile and Pillow make of a file. One JSON request a line, one JSON answer a line.

Request: {"file": path, "values": path}. The stored values go to `values` as little-endian float64, frame by
frame, row by row, interleaved; unused bits are masked, for the standard gives them no meaning (PS3.5 8.1.1).
"""
import json
import sys
import warnings

import numpy
import pydicom
import tifffile
from PIL import Image, ImageOps
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


def judged(ds, syntax):
    """Refuses what pydicom 3.0.2 is known to read otherwise than the standard has it."""
    if syntax is None:
        raise ValueError("no transfer syntax is named: there is no one reading")
    if ds.get("BitsStored") and int(ds.get("HighBit", ds.BitsStored - 1)) + 1 != ds.BitsStored:
        raise ValueError("samples that do not lie at the lower end of their word are not shifted")
    if ds.get("PhotometricInterpretation") in ("YBR_RCT", "YBR_ICT") and ds.get("PlanarConfiguration") == 1:
        raise ValueError("a planar configuration is applied to JPEG 2000")


def meaning(values, ds):
    """Stored bits, sign-extended (PS3.5 8.1.1), of the frames that are declared."""
    declared = int(ds.get("NumberOfFrames") or 1)
    if values.ndim > 2 and len(values) > declared and int(ds.get("SamplesPerPixel", 1)) == 1:
        values = values[:declared]
    stored = ds.get("BitsStored")
    if values.dtype.kind not in "iu" or stored is None or ds.BitsAllocated in (1, stored):
        return values
    v = values.astype(numpy.int64) & ((1 << stored) - 1)
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
    judged(ds, syntax)
    raw = meaning(pixel_array(ds, raw=True), ds)
    colour = pixel_array(ds) if ds.get("SamplesPerPixel", 1) > 1 else None
    return raw, colour, int(ds.get("BitsStored", 32))


def tiff(path, answer):
    """The pages that are like the first, turned upright (TIFF 6.0, Orientation); an ImageJ stack is one page."""
    answer["kind"] = "TIFF"
    with tifffile.TiffFile(path) as file:
        first = file.pages[0]
        if int(first.photometric or 0) not in (0, 1, 2) or first.extrasamples:
            raise ValueError(f"photometric {first.photometric} with extra samples {first.extrasamples}: more than one reading")
        alike = [page for page in file.pages if (page.shape, page.dtype) == (first.shape, first.dtype)]
        values = file.asarray() if file.is_imagej else numpy.stack([page.asarray() for page in alike])
        if int(first.planarconfig or 1) == 2 and first.samplesperpixel > 1:
            values = numpy.moveaxis(values, -3, -1)
        turn = first.tags["Orientation"].value if "Orientation" in first.tags else 1
        if turn != 1:
            values = numpy.stack([upright(page, turn) for page in values])
        return values, None, first.bitspersample


def upright(page, turn):
    page = page.swapaxes(0, 1) if turn >= 5 else page
    down = turn in (3, 4, 7, 8)
    across = turn in (2, 3, 6, 7)
    return page[:: -1 if down else 1, :: -1 if across else 1]


def picture(path, answer):
    image = Image.open(path)
    answer["kind"] = image.format
    answer["lossy"] = image.format in ("JPEG", "WEBP")
    if image.mode in ("1", "CMYK", "LAB", "HSV", "YCbCr", "LA", "RGBA", "PA"):
        raise ValueError(f"mode {image.mode} has more than one reading")
    image = ImageOps.exif_transpose(image)
    colour = numpy.asarray(image.convert("RGB")) if image.mode in ("L", "P", "RGB") else None
    return numpy.asarray(image), colour, 8


def reader(start):
    # A preamble may make a DICOM file look like another one.
    if start[128:132] == b"DICM":
        return dicom
    if start.startswith((b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")):
        return tiff
    return picture if start.startswith((b"\x89PNG", b"\xff\xd8", b"BM", b"RIFF")) else dicom


def answer_to(request):
    answer = {"kind": "", "modality": "", "maker": "", "lossy": False, "refused": None}
    path = request["file"]
    with open(path, "rb") as file:
        start = file.read(132)
    try:
        raw, colour, bits = reader(start)(path, answer)
        raw.astype("<f8").tofile(request["values"])
        if colour is not None:
            colour.astype("<f8").tofile(request["values"] + ".colour")
        answer |= {"count": int(raw.size), "colour": colour is not None, "bits": bits}
    except Exception as error:
        answer["refused"] = f"{type(error).__name__}: {error}".split("\n")[0][:200]
    return answer


for line in sys.stdin:
    print(json.dumps(answer_to(json.loads(line))), flush=True)
