"""Takes shared libraries out of a wheel after checking its hash, and lists the hashes of libraries.

unpack.py take WHEEL SHA256 FOLDER RULE...   RULE: flat:PATTERN:TO (without folders) or tree:PREFIX:TO
unpack.py list FOLDER                        prints "SHA256 BYTES NAME" of every ELF file in FOLDER
"""

import fnmatch
import hashlib
import os
import shutil
import sys
import zipfile


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def target(rule, member):
    """Where the rule puts the member; None when it does not speak of it."""
    kind, pattern, to = rule.split(":")
    if kind == "flat" and fnmatch.fnmatchcase(member, pattern) and ".alt." not in member:
        return os.path.join(to, os.path.basename(member))
    if kind == "tree" and member.startswith(pattern) and not member.endswith("/"):
        return os.path.join(to, member[len(pattern):])
    return None


def take(wheel, wanted, folder, rules):
    found = sha256(wheel)
    if found != wanted:
        sys.exit(f"{os.path.basename(wheel)} has sha256 {found}, not {wanted}")
    with zipfile.ZipFile(wheel) as archive:
        members = archive.namelist()
        for rule in rules:
            taken = 0
            for member in members:
                to = target(rule, member)
                if to is None:
                    continue
                if ".." in to.split("/") or os.path.isabs(to):
                    sys.exit(f"{os.path.basename(wheel)}: the member {member} leaves the folder")
                path = os.path.join(folder, to)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                with archive.open(member) as source, open(path, "wb") as out:
                    shutil.copyfileobj(source, out, 1 << 20)
                taken += 1
            if not taken:
                sys.exit(f"{os.path.basename(wheel)} holds nothing that fits {rule}")


def list_libraries(folder):
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if os.path.islink(path) or not os.path.isfile(path):
            continue
        with open(path, "rb") as file:
            if file.read(4) != b"\x7fELF":
                continue
        print(sha256(path), os.path.getsize(path), name)


if sys.argv[1] == "take":
    take(sys.argv[2], sys.argv[3], sys.argv[4], sys.argv[5:])
else:
    list_libraries(sys.argv[2])
