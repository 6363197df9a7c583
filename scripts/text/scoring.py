"""How many labelled spans are covered, and at what price.

A span counts as found only when every letter and digit of it is covered. Precision is over letters and digits, of all
notes together, those without labels too; a bare weekday counts neither way. False alarms are flagged words per 1,000
words of notes without any label. Types of spans are not compared.
"""

import collections
import re

WORD = re.compile(r"\w+")
WEEKDAY = re.compile(r"\b(?:mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?|sun)(?:day)?s?\b", re.I)


class Tally:
    def __init__(self):
        self.spans = collections.Counter()  # (axis, value) -> labelled
        self.found = collections.Counter()  # (axis, value) -> covered
        self.per_template = collections.defaultdict(lambda: [0, 0])
        self.flagged = self.right = 0
        self.free_words = self.free_flagged = 0
        self.missed = []
        self.alarms = collections.Counter()

    def add(self, note, found):
        text, gold = note["text"], note["spans"]
        cover, label = bytearray(len(text)), bytearray(len(text))
        for span in found:
            for i in range(span["start"], span["end"]):
                cover[i] = 1
        for span in gold:
            for i in range(span["start"], span["end"]):
                label[i] = 1
        for span in gold:
            hit = all(cover[i] or not text[i].isalnum() for i in range(span["start"], span["end"]))
            axes = [
                ("all", "all"),
                ("kind", span["type"]),
                ("case", note.get("case", "mixed")),
                ("author", note.get("author", "-")),
                (span["type"], note.get("case", "mixed")),
            ]
            for axis in axes:
                self.spans[axis] += 1
                self.found[axis] += hit
            pair = self.per_template[note.get("template", note["id"])]
            pair[0] += 1
            pair[1] += hit
            if not hit:
                left, right = max(0, span["start"] - 40), span["end"] + 30
                self.missed.append(
                    (
                        span["type"],
                        note["id"],
                        text[left : span["start"]]
                        + "[["
                        + text[span["start"] : span["end"]]
                        + "]]"
                        + text[span["end"] : right],
                    )
                )
        neutral = bytearray(len(text))
        for m in WEEKDAY.finditer(text):
            for i in range(*m.span()):
                neutral[i] = 1
        for i, c in enumerate(text):
            if cover[i] and c.isalnum() and (label[i] or not neutral[i]):
                self.flagged += 1
                self.right += label[i]
        for m in WORD.finditer(text):
            hit = any(cover[i] for i in range(*m.span())) and not neutral[m.start()]
            if not gold:
                self.free_words += 1
                self.free_flagged += hit
            if hit and not any(label[i] for i in range(*m.span())):
                left, right = max(0, m.start() - 25), m.end() + 20
                self.alarms[
                    (
                        m.group(0).lower(),
                        "free" if not gold else "phi",
                        text[left : m.start()] + ">>" + m.group(0) + "<<" + text[m.end() : right],
                    )
                ] += 1

    def recall(self, axis="all", value="all"):
        return self.found[(axis, value)] / max(1, self.spans[(axis, value)])

    def figures(self):
        per = [hit / total for total, hit in self.per_template.values()]
        return {
            "spans": self.spans[("all", "all")],
            "recall": round(self.recall(), 4),
            "macro": round(sum(per) / max(1, len(per)), 4),
            "precision": round(self.right / max(1, self.flagged), 4),
            "per_1000_free": round(1000 * self.free_flagged / max(1, self.free_words), 2),
            "free_words": self.free_words,
            "kind": {v: round(self.recall("kind", v), 4) for a, v in sorted(self.spans) if a == "kind"},
            "kind_spans": {v: n for (a, v), n in sorted(self.spans.items()) if a == "kind"},
            "case": {v: round(self.recall("case", v), 4) for a, v in sorted(self.spans) if a == "case"},
            "name_by_case": {v: round(self.recall("NAME", v), 4) for a, v in sorted(self.spans) if a == "NAME"},
        }


def tally(notes, found):
    """found: {id: spans}"""
    total = Tally()
    for note in notes:
        total.add(note, found[note["id"]])
    return total


KINDS = "NAME DATE ID CONTACT ADDRESS ORG AGE".split()
HEAD = (
    f"{'':26} {'recall':>6} {'macro':>6} " + " ".join(f"{k[:4]:>6}" for k in KINDS) + f" {'prec':>6} {'/1000':>6}"
)


def row(name, f):
    kinds = " ".join(f"{f['kind'].get(k, float('nan')):6.3f}" for k in KINDS)
    return f"{name:26} {f['recall']:6.3f} {f['macro']:6.3f} {kinds} {f['precision']:6.3f} {f['per_1000_free']:6.1f}"
