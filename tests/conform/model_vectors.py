"""Vectors of src/model, computed apart from it: the fields of docs/formats hashed by hashlib, signed by `cryptography`.

Run: python3 tests/conform/model_vectors.py; the lines are retyped as constants in src/model/test_*.c.
"""
import hashlib
import hmac

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


def up(first, n=32):
    return bytes((first + i) % 256 for i in range(n))


def u(bits, value):
    return value.to_bytes(bits // 8, "big")


def var(data):
    return u(32, len(data)) + data


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def h(label, *fields):
    return hashlib.sha256(label + b"".join(fields)).digest()


def show(name, data):
    print(name, data.hex())


def merkle(leaves):
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + merkle(leaves[:k]) + merkle(leaves[k:])).digest()


A, K = up(0xA0), up(0xC0)
body = (up(0x00) + up(0x20) + u(8, 8) + u(16, 2026) + u(8, 1) + up(0x40) + up(0x60) + up(0x80) + up(0x11)
        + u(32, 2) + up(0x31) + up(0x32) + u(32, 2) + up(0x51) + up(0x52))
rest = h(b"tw/rest/1", body)
comp = h(b"tw/comp/1", A, K, rest)
show("rest", rest)
show("comp", comp)
show("record", A + K + var(body))
show("ctx", up(0x00) + comp + up(0x20) + u(32, 20605))

kset = u(16, 3) + u(8, 2) + u(8, 3) + b"".join(up(16 * i) + u(8, i + 1) for i in range(3))
show("kset", kset)
show("kset_id", h(b"tw/kset/1", kset))

# Policy: GRU, PUB and GS in DE, labs and vitals, from day 20605, "no" to CC, format 1.
DAY = 86400
policy = (b"\x10\x2a" + b"\x1a\x02\x13\x16" + b"\x20" + varint(1 << 7 | 1 << 8) + b"\x32\x02DE"
          + b"\x70" + varint(20605 * DAY) + b"\x78" + varint(2**64 - 1) + b"\x8a\x01\x02CC" + b"\x90\x01\x01")
salt = up(0x70)
show("policy", policy)
show("commit", h(b"tw/pol/1", salt, policy))

purpose = b"\x08\x02" + b"\x18\x01" + b"\x20\x01" + b"\x30\x02" + b"\x82\x01\x02DE"
project = (b"\x0a" + varint(len(purpose)) + purpose + b"\x10" + varint(1 << 7 | 1 << 8) + b"\x18" + varint(2026)
           + b"\x20" + varint(2027) + b"\x28" + varint(20605 * DAY) + b"\x30" + varint(20620 * DAY)
           + b"\x3a\x20" + up(1) + b"\x42\x20" + up(2) + b"\x4a\x20" + up(3))
show("project", project)
show("project_id", h(b"tw/project/1", up(0x90), project))

opening = [up(i) for i in range(256)]
pos = 5
path, level, i = [], [hashlib.sha256(b"\0" + x).digest() for x in opening], pos
while len(level) > 1:
    path.append(level[i ^ 1])
    level = [hashlib.sha256(b"\1" + level[j] + level[j + 1]).digest() for j in range(0, len(level), 2)]
    i //= 2
assert level[0] == merkle(opening)
show("opening_root", level[0])
show("opening_path_0", path[0])
show("opening_path_7", path[7])

release = up(0xE0)
tag = hmac.new(up(0x13), b"tw/tag/1" + release, hashlib.sha256).digest()
body_bytes = (comp + A + K + var(body) + u(64, 77) + u(32, 5) + u(32, 256) + u(32, 8) + b"".join(path)
              + u(32, 1) + var(policy) + salt + u(64, 0)
              + u(32, 2) + up(0x21) + u(32, 20605) + up(0x20) + u(32, 20606))
leaf = tag + h(b"tw/body/1", body_bytes)
show("body", body_bytes)
show("tag", tag)
show("leaf", leaf)
leaves = [up(i) + up(i + 1) for i in range(3)]
show("release_root", merkle(leaves))

seed = up(0x09)
key = Ed25519PrivateKey.from_private_bytes(seed)
other = Ed25519PrivateKey.from_private_bytes(up(0x0A))


def public(k):
    return k.public_key().public_bytes_raw()


aad = up(0x01) + release + u(64, 1234) + up(0x02) + u(32, 4096) + var(bytes([0, 11, 6, 14]))
signed = aad + up(0x03)
show("sheet_aad", aad)
show("sheet", signed + key.sign(b"tw/sheet/1" + signed))

rest2 = up(0x55)
own_id = h(b"tw/comp/1", public(key), public(other), rest2)
own = up(0x00) + u(8, 1) + own_id + public(key) + public(other) + rest2 + u(32, 2) + u(8, 1) + up(0x33) + up(0x44)
show("owner_policy", own + key.sign(b"tw/own/1" + own))
stop = up(0x00) + u(8, 2) + own_id + public(key) + public(other) + rest2 + u(32, 9) + u(8, 2)
show("owner_stop", stop + other.sign(b"tw/own/1" + stop))
deletion = up(0x01) + own_id + u(64, 99)
show("deletion", deletion + key.sign(b"tw/del/1" + deletion))
receipt = up(0x01) + hashlib.sha256(stop + other.sign(b"tw/own/1" + stop)).digest() + u(64, 100)
show("receipt", receipt + key.sign(b"tw/rcpt/1" + receipt))
show("batch_capsule", b"\x01" + comp + up(0x04) + up(0x05) + u(32, 20605))
show("batch_segment", b"\x02" + comp + up(0x06) + up(0x04) + up(0x07) + u(64, 65564) + u(32, 12))
