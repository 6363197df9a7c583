"""What is known of a word from how the world uses it: its class and how it is mostly written.

A class holds words that stand in like places: GloVe vectors (100 dimensions, length 1), cut by k-means into 31 wide
classes, each into 8; number = 8 * (wide + 1) + part, 0 is for words without a vector. Written: 1 small letters .. 6 a
capital, 7 all capitals, 0 unknown; from counts of words of the web as they are written.
"""

import gzip
import json
import math
import pathlib
import re

import numpy as np

WIDE, PARTS, SEED = 31, 8, 7
WORD = re.compile(r"[^\W\d_]{2,}$")
SHARES = (0.03, 0.10, 0.3, 0.6, 0.9)  # of capitals


def k_means(rng, rows, k, rounds):
    centres = rows[rng.choice(len(rows), k, replace=False)].copy()
    for _ in range(rounds):
        nearest = (rows @ centres.T).argmax(1)
        for j in range(k):
            mine = rows[nearest == j]
            centres[j] = mine.sum(0) if len(mine) else rows[rng.integers(len(rows))]
        centres /= np.linalg.norm(centres, axis=1, keepdims=True) + 1e-9
    return centres


def numbers(vectors, lists):
    """{word: class}; the classes are cut on frequent words, words of medicine and names."""
    words = vectors["words"]
    rows = np.array([vectors["vectors"][word][:100] for word in words], dtype=np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True) + 1e-9
    at = {word: i for i, word in enumerate(words) if WORD.match(word)}
    chosen = [w for w in words[:40000] if w in at]
    for name, most in (("medical", None), ("given", 6000), ("surname", 8000)):
        chosen += [w for w in lists[name][:most] if w in at]
    cut = rows[[at[w] for w in dict.fromkeys(chosen)]]
    rng = np.random.default_rng(SEED)
    wide = k_means(rng, cut, WIDE, 20)
    nearest = (cut @ wide.T).argmax(1)
    parts = [k_means(rng, cut[nearest == j], PARTS, 15) for j in range(WIDE)]
    of = (rows[list(at.values())] @ wide.T).argmax(1)
    return {w: 8 * (int(c) + 1) + int((parts[c] @ rows[i]).argmax()) for (w, i), c in zip(at.items(), of)}


def counts():
    """{word: shares of small letters, of a capital, of others}"""
    import spacy_lookups_data

    folder = pathlib.Path(spacy_lookups_data.__file__).parent / "data"
    found = {}
    for word, log in json.loads(gzip.decompress((folder / "en_lexeme_prob.json.gz").read_bytes())).items():
        if WORD.match(word):
            share = found.setdefault(word.lower(), [0.0, 0.0, 0.0])
            capital = word[0].isupper() and word[1:].islower()
            share[0 if word.islower() else 1 if capital else 2] += math.exp(log)
    return found


def written(share):
    small, capital, other = share
    if other > 0.6 * (small + capital + other):
        return 7
    part = capital / max(small + capital, 1e-30)
    return 1 + sum(part >= limit for limit in SHARES)


def classes(folder, vectors, rare):
    """[(word, class, written)] of all words of the lists in the folder, of GloVe, and of `rare`, in small letters."""
    lists = {}
    for name in ("common", "vocab", "medical", "given", "surname", "place", "org"):
        lines = (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        lists[name] = [w for line in lines if line[:1] != "#" for w in line.split()]
    known = set().union(*lists.values())
    names = set(lists["given"]) | set(lists["surname"])
    number, use = numbers(vectors, lists), counts()
    rare = {w for w in rare if w not in names or w in known}
    small = {w for w, u in use.items() if u[0] > 0.7 * sum(u) and sum(u) > 8e-9 and len(w) > 3}
    found = []
    for word in sorted(known | set(number) | rare | small):
        how = written(use[word]) if word in use else int(word in rare)
        if word.isalpha() and (word in number or how):
            found.append((word, number.get(word, 0), how))
    return found
