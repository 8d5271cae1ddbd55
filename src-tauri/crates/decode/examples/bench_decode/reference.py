"""How long pydicom with its plug-ins takes for a file, and OpenJPEG for its JPEG 2000 frames. One path a line."""
import json
import sys
import time
import warnings

import imagecodecs
import pydicom
from pydicom.encaps import generate_frames
from pydicom.pixels import pixel_array

warnings.simplefilter("ignore")
JPEG_2000 = {f"1.2.840.10008.1.2.4.{end}" for end in (90, 91, 201, 202, 203)}


def answer_to(path):
    start = time.perf_counter()
    ds = pydicom.dcmread(path)
    pixel_array(ds, raw=True)
    answer = {"pydicom": time.perf_counter() - start, "syntax": ds.file_meta.TransferSyntaxUID.name}
    if ds.file_meta.TransferSyntaxUID in JPEG_2000:
        frames = list(generate_frames(ds.PixelData, number_of_frames=int(ds.get("NumberOfFrames") or 1)))
        start = time.perf_counter()
        for frame in frames:
            imagecodecs.jpeg2k_decode(frame, numthreads=1)
        answer["openjpeg"] = time.perf_counter() - start
    return answer


for line in sys.stdin:
    try:
        print(json.dumps(answer_to(line.rstrip("\n"))), flush=True)
    except Exception as error:
        print(json.dumps({"refused": f"{type(error).__name__}: {error}"[:200]}), flush=True)
