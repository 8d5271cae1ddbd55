"""Writes streams.jsonl: code streams of every option, and the right values of each.

    python3 -m venv V && V/bin/pip install imagecodecs==2026.3.6 pylibjpeg-libjpeg==2.5.0 pylibjpeg-openjpeg==2.6.0
    V/bin/python make.py

Lossless streams are right when they give the image that went in. Of lossy ones two independent decoders must agree
within 2 grey levels: libjpeg-turbo and the libjpeg of T. Richter. HTJ2K is written by OpenJPH and read by OpenJPEG.
"""
import base64
import io
import json
import subprocess
import tempfile
import zlib

import imagecodecs as ic
import libjpeg
import numpy as np
import openjpeg

OUT = []
IMAGES = {}


def b64(data):
    return base64.b64encode(bytes(data)).decode()


def image(name, rows, cols, samples, bits, signed=False, seed=0):
    rng = np.random.default_rng(seed + bits * 7 + samples)
    y, x, s = np.mgrid[0:rows, 0:cols, 0:samples]
    top = (1 << bits) - 1
    smooth = (np.sin(x / 9 + s) + np.cos(y / 7)) * 0.2 + 0.5
    values = smooth * top + rng.normal(0, max(top / 300, 0.3), smooth.shape)
    values = np.clip(np.rint(values), 0, top).astype(np.int64)
    values[: rows // 5, : cols // 4] = top // 3
    values[-1, -1], values[-1, -2] = 0, top
    if signed:
        values -= 1 << (bits - 1)
    kind = ("int" if signed else "uint") + ("8" if bits <= 8 else "16")
    array = values.astype(kind)
    array = array[:, :, 0] if samples == 1 else array
    IMAGES[name] = array
    stored = array.astype("<i2" if signed else "<u2").tobytes()
    OUT.append({"image": name, "rows": rows, "cols": cols, "samples": samples, "bits": bits, "signed": signed,
                "values": b64(zlib.compress(stored, 9))})
    return array


def stream(codec, name, what, data, tolerance=0):
    OUT.append({"codec": codec, "of": name, "what": what, "tolerance": tolerance, "stream": b64(data)})


def lossless(codec, name, what, data, back):
    array = IMAGES[name]
    assert np.array_equal(np.asarray(back).reshape(array.shape), array), (codec, name, what)
    stream(codec, name, what, data)


for bits in (8, 10, 12, 16):
    image(f"grey-{bits}", 20, 27, 1, bits)
for bits in (8, 16):
    image(f"signed-{bits}", 20, 27, 1, bits, signed=True)
    image(f"rgb-{bits}", 20, 27, 3, bits)

# JPEG 2000: by opj_compress, with its options; the image that went in is the judge.
OPTIONS = ["", "-n 1", "-t 16,16", "-t 40,33 -T 7,5 -d 7,5", "-p RPCL", "-p PCRL -t 20,20", "-p CPRL -n 3", "-SOP -EPH",
           "-b 4,64", "-M 1", "-M 8", "-M 63", "-r 20,5,1", "-c [16,16],[8,8] -p RLCP", "-TP R -t 16,16", "-mct 0"]
for name, array in list(IMAGES.items()):
    if name.startswith("signed"):
        continue
    colour = array.ndim == 3
    for options in OPTIONS:
        if options.startswith("-mct") and not colour:
            continue
        folder = tempfile.mkdtemp()
        source = f"{folder}/x.{'ppm' if colour else 'pgm'}"
        big = array.astype("u1" if array.dtype.itemsize == 1 else ">u2")
        top = (1 << int(name.split("-")[1])) - 1
        with open(source, "wb") as out:
            out.write(f"P{6 if colour else 5}\n{array.shape[1]} {array.shape[0]}\n{top}\n".encode() + big.tobytes())
        subprocess.run(["opj_compress", "-i", source, "-o", f"{folder}/x.j2k", *(["-n", "3"] if "-n" not in options else []), *options.split()], check=True,
                       stdout=subprocess.DEVNULL)
        data = open(f"{folder}/x.j2k", "rb").read()
        lossless("j2k", name, options, data, ic.jpeg2k_decode(data))
for name in ("signed-8", "signed-16"):
    data = ic.jpeg2k_encode(IMAGES[name], reversible=True, codecformat="j2k")
    lossless("j2k", name, "signed", data, ic.jpeg2k_decode(data))

# HTJ2K: by OpenJPH, read by OpenJPEG.
for name, array in list(IMAGES.items()):
    if name.split("-")[1] not in ("8", "16"):
        continue
    for options in ({}, {"tile": (16, 16)}, {"resolutions": 2}):
        data = ic.htj2k_encode(array, reversible=True, **options)
        lossless("htj2k", name, str(options), data, openjpeg.decode(io.BytesIO(data)))

# JPEG XL: by libjxl.
for name, array in list(IMAGES.items()):
    if name.startswith("signed"):
        continue
    bits = int(name.split("-")[1])
    for effort in (1, 3, 7, 9):
        for container in (False, True):
            data = ic.jpegxl_encode(array, lossless=True, effort=effort, bitspersample=bits, usecontainer=container)
            lossless("jxl", name, f"effort {effort}, container {container}", data, ic.jpegxl_decode(data))

# JPEG-LS: by CharLS, read by the libjpeg of T. Richter.
for name, array in list(IMAGES.items()):
    if name.startswith("signed"):
        continue
    for near in (0, 2):
        data = ic.jpegls_encode(array, level=near)
        back = np.asarray(libjpeg.decode(bytes(data))).reshape(array.shape)
        assert np.abs(back.astype(int) - array).max() <= near, (name, near)
        stream("jls", name, f"near {near}", data, near)

# JPEG: two decoders agree.
for name in ("grey-8", "grey-12", "rgb-8"):
    array = IMAGES[name]
    bits = int(name.split("-")[1])
    for quality in (60, 95):
        for subsampling in ("444", "422", "420") if name.startswith("rgb") else (None,):
            options = {} if subsampling is None else {"subsampling": subsampling}
            if name.startswith("rgb"):
                options |= {"colorspace": "rgb", "outcolorspace": "ycbcr"}
            data = ic.jpeg_encode(array, level=quality, bitspersample=bits, **options)
            colour = {"outcolorspace": "rgb"} if name.startswith("rgb") else {}
            one = np.asarray(ic.jpeg_decode(data, **colour)).astype(int)
            other = np.asarray(libjpeg.decode(bytes(data), colour_transform=1)).astype(int)
            far = np.abs(one.reshape(array.shape) - other.reshape(array.shape))
            most = 2 if subsampling in (None, "444") else 60
            assert far.max() <= most and far.mean() < 3, (name, quality, subsampling, far.max(), far.mean())
            own = f"{name}-{quality}-{subsampling}"
            stored = one.astype("<u2").tobytes()
            OUT.append({"image": own, "rows": 20, "cols": 27, "samples": 3 if colour else 1, "bits": bits, "signed": False,
                        "values": b64(zlib.compress(stored, 9))})
            stream("jpeg", own, f"quality {quality}, {subsampling}", data, 2)

with open("streams.jsonl", "w", encoding="utf-8") as out:
    for line in OUT:
        out.write(json.dumps(line) + "\n")
print(len([1 for line in OUT if "codec" in line]), "streams")
