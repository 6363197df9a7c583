#!/usr/bin/env python3
"""Known answers for src/crypto/test_tpre.c, from a second implementation in plain Python (slow, for checking only).

    python3 vectors.py > ../../../src/crypto/test_tpre_vectors.h

ristretto255 follows RFC 9496, the scheme the description in src/crypto/crypto.h and tpre.c: capsules to
P = (a + w)G, class answers (a_i + w_i)E, directed answers w_i E and f_i E with f_0 = a/d, a wallet's own answer
aE + sum of w_i E. All secrets come from SHAKE-256 of a label, so that the output never changes.
"""
import hashlib

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_M1 = pow(2, (P - 1) // 4, P)
SQRT_AD_M1 = 25063068953384623474111414158702152701244531502492656460079210482610430750235
DST = b"TWTPRE-R255-S512-v1"


def odd(x):
    return x & 1


def absolute(x):
    return P - x if odd(x) else x


def sqrt_ratio(u, v):
    """RFC 9496 4.2: (was square, sqrt(u/v) or sqrt(i*u/v))."""
    v3 = v * v % P * v % P
    r = u * v3 % P * pow(u * v3 % P * v3 % P * v % P, (P - 5) // 8, P) % P
    check = v * r % P * r % P
    flipped = check in (-u % P, -u * ROOT_M1 % P)
    if flipped:
        r = r * ROOT_M1 % P
    return check in (u % P, -u % P), absolute(r)


INV_SQRT_A_MINUS_D = sqrt_ratio(1, (-1 - D) % P)[1]


class Point:
    """Extended coordinates on -x^2 + y^2 = 1 + d x^2 y^2."""

    def __init__(self, x, y, z, t):
        self.x, self.y, self.z, self.t = x % P, y % P, z % P, t % P

    def __add__(self, o):
        a = (self.y - self.x) * (o.y - o.x)
        b = (self.y + self.x) * (o.y + o.x)
        c = 2 * D * self.t * o.t
        d = 2 * self.z * o.z
        e, f, g, h = b - a, d - c, d + c, b + a
        return Point(e * f, g * h, f * g, e * h)

    def __rmul__(self, k):
        k %= Q
        total, double = ZERO, self
        while k:
            if k & 1:
                total = total + double
            double, k = double + double, k >> 1
        return total

    def encode(self):
        u1 = (self.z + self.y) * (self.z - self.y) % P
        u2 = self.x * self.y % P
        inv = sqrt_ratio(1, u1 * u2 % P * u2 % P)[1]
        den1, den2 = inv * u1 % P, inv * u2 % P
        z_inv = den1 * den2 % P * self.t % P
        if odd(self.t * z_inv % P):
            x, y = self.y * ROOT_M1 % P, self.x * ROOT_M1 % P
            den = den1 * INV_SQRT_A_MINUS_D % P
        else:
            x, y, den = self.x, self.y, den2
        if odd(x * z_inv % P):
            y = -y % P
        return absolute(den * (self.z - y) % P).to_bytes(32, "little")


ZERO = Point(0, 1, 1, 0)


def decode(b):
    s = int.from_bytes(b, "little")
    ss = s * s % P
    u1, u2 = (1 - ss) % P, (1 + ss) % P
    v = (-(D * u1 % P * u1) - u2 * u2) % P
    ok, inv = sqrt_ratio(1, v * u2 % P * u2 % P)
    x = absolute(2 * s * inv % P * u2 % P)
    y = u1 * inv % P * inv % P * u2 % P * v % P
    assert ok and s < P and not odd(s) and y and not odd(x * y % P)
    return Point(x, y, 1, x * y)


def one_way_map(t):
    """RFC 9496 4.3.4, MAP."""
    r = ROOT_M1 * t % P * t % P
    u = (r + 1) * (1 - D * D) % P
    v = (-1 - r * D) * (r + D) % P
    square, s = sqrt_ratio(u, v)
    c = -1
    if not square:
        s, c = -absolute(s * t % P) % P, r
    n = (c * (r - 1) * (D - 1) ** 2 - v) % P
    w0, w1, w2, w3 = 2 * s * v, n * SQRT_AD_M1, 1 - s * s, 1 + s * s
    return Point(w0 * w3, w2 * w1, w1 * w3, w0 * w2)


def from_hash(h):
    low = 2**255 - 1
    return one_way_map((int.from_bytes(h[:32], "little") & low) % P) + one_way_map(
        (int.from_bytes(h[32:], "little") & low) % P)


G = decode(bytes.fromhex("e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"))


def framed(tag):
    return bytes([len(DST)]) + DST + bytes([len(tag)]) + tag


def u32(n):
    return n.to_bytes(4, "little")


def h2s(tag, *parts):
    data = framed(tag) + b"".join(u32(len(p)) + p for p in parts)
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % Q


def h2g(tag):
    return from_hash(hashlib.sha512(framed(tag)).digest())


U, GBAR = h2g(b"U"), h2g(b"Gbar")


def sc(x):
    return (x % Q).to_bytes(32, "little")


def secret(label):
    return int.from_bytes(hashlib.shake_256(b"tw/test/tpre/" + label.encode()).digest(64), "little") % Q


def encap(p, ctx, r, k):
    e, ebar = (r * G).encode(), (r * GBAR).encode()
    h = h2s(b"capsule", p, e, ebar, (k * G).encode(), (k * GBAR).encode(), ctx)
    return e + ebar + sc(h) + sc(k + h * r)


def kek(s, e, p, ctx):
    data = bytes([len(DST)]) + DST + b"kek" + s + e + p + u32(len(ctx)) + ctx
    return hashlib.blake2b(data, digest_size=32).digest()


def at(f, i):
    return sum(c * pow(i, j, Q) for j, c in enumerate(f)) % Q


def lam(xs, i):
    out = 1
    for x in xs:
        if x != i:
            out = out * x * pow(x - i, -1, Q) % Q
    return out


def total(points):
    out = ZERO
    for p in points:
        out = out + p
    return out


def prove(share, e, fragment, commit, rctx, t):
    c = h2s(b"cfrag", e.encode(), fragment.encode(), commit.encode(), (t * e).encode(), (t * U).encode(), rctx)
    return sc(c) + sc(t + c * share)


def vector(t, n, xs):
    name = f"{t}-of-{n}/"
    a, w, r, k, b, x = (secret(name + s) for s in "awrkbx")
    z = (a + w) % Q
    p = (z * G).encode()
    ctx, gctx, rctx = ((name + s).encode() for s in ("ctx", "grant", "request"))
    capsule = encap(p, ctx, r, k)
    e = decode(capsule[:32])
    b_point, x_point = (b * G).encode(), (x * G).encode()
    d = h2s(b"shared", x_point, b_point, (x * (b * G)).encode(), gctx)
    coefs = {s: [secret(f"{name}{s}{j}") for j in range(1, t)] for s in "awf"}
    fa, fw, ff = [a] + coefs["a"], [w] + coefs["w"], [a * pow(d, -1, Q) % Q] + coefs["f"]
    shared = (r * ((a + w) * G)).encode()
    class_f = {i: (at(fa, i) + at(fw, i)) * e for i in xs}
    # Three ways to the same point, each by its own sum.
    assert total(lam(xs, i) * class_f[i] for i in xs).encode() == shared
    assert (total(lam(xs, i) * (at(fw, i) * e) for i in xs) +
            d * total(lam(xs, i) * (at(ff, i) * e) for i in xs)).encode() == shared
    assert (a * e + total(lam(xs, i) * (at(fw, i) * e) for i in xs)).encode() == shared
    commit = {i: at(fa, i) * U + at(fw, i) * U for i in xs}
    nonce = {i: secret(f"{name}nonce{i}") for i in xs}
    pok_k, pid = secret(name + "pok"), hashlib.sha256((name + "id").encode()).digest()
    pok_r = (pok_k * G).encode()
    many = lambda values: b"".join(values)
    return [
        ("t", t), ("n", n), ("xs_n", len(xs)), ("xs", bytes(xs)), ("ctx", ctx), ("gctx", gctx), ("rctx", rctx),
        ("a", sc(a)), ("w", sc(w)), ("r", sc(r)), ("k", sc(k)), ("b", sc(b)), ("x", sc(x)), ("p", p),
        ("capsule", capsule), ("shared", shared), ("kek", kek(shared, capsule[:32], p, ctx)),
        ("coefs_a", many(map(sc, coefs["a"]))), ("coefs_w", many(map(sc, coefs["w"]))),
        ("coefs_f", many(map(sc, coefs["f"]))),
        ("shares_a", many(sc(at(fa, i)) for i in range(1, n + 1))),
        ("shares_w", many(sc(at(fw, i)) for i in range(1, n + 1))),
        ("shares_f", many(sc(at(ff, i)) for i in range(1, n + 1))),
        ("commits_a", many((c * U).encode() for c in fa)), ("commits_w", many((c * U).encode() for c in fw)),
        ("commits_f", many((c * U).encode() for c in ff)), ("x_point", x_point), ("d", sc(d)),
        ("class_f", many(class_f[i].encode() for i in xs)),
        ("class_commit", many(commit[i].encode() for i in xs)), ("nonces", many(sc(nonce[i]) for i in xs)),
        ("proofs", many(prove((at(fa, i) + at(fw, i)) % Q, e, class_f[i], commit[i], rctx, nonce[i]) for i in xs)),
        ("w_f", many((at(fw, i) * e).encode() for i in xs)), ("f_f", many((at(ff, i) * e).encode() for i in xs)),
        ("id", pid), ("pok", pok_r + sc(pok_k + h2s(b"pok", p, pok_r, pid) * z)),
    ]


def literal(value):
    if isinstance(value, int):
        return str(value)
    text = value.hex()
    if len(text) <= 90:
        return f'"{text}"'
    return "".join(f'\n          "{text[i:i + 96]}"' for i in range(0, len(text), 96))


def main():
    vectors = [vector(1, 1, [1]), vector(2, 3, [3, 1]), vector(3, 4, [1, 3, 4])]
    print("/* Made by tests/conform/tpre/vectors.py; do not edit. Hex; lists are joined. */")
    print("typedef struct {")
    print("    unsigned t, n;\n    size_t xs_n;")
    for name, value in vectors[0]:
        if isinstance(value, bytes):
            print(f"    const char *{name};")
    print("} tpre_vector;\n\nstatic const tpre_vector tpre_vectors[] = {")
    for v in vectors:
        print("    {")
        for name, value in v:
            print(f"      .{name} = {literal(value)},")
        print("    },")
    print("};")


main()
